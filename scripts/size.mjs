// What the release build weighs: each file raw and compressed, and the sum of the first load beside
// the budget. Fails when the first load is heavier than tests/size-ceiling.txt allows.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

// What Prometheus 3.14's own page weighs, gzipped.
const BUDGET = 627;

/** Fetched after the first view, or when someone first asks; a browser test watches that. */
export const later = ["kubernetes.json", "worker_rest.wasm", "page_rest.wasm", "editor_rest.js", "plot.js"];

const root = join(fileURLToPath(import.meta.url), "../..");

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

const kb = (bytes) => (bytes / 1024).toFixed(1).padStart(9);

/** Prints the table; answers whether the first load is no heavier than it may be. */
function weigh(folder) {
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  const rows = files(folder).map((path) => {
    const data = readFileSync(path);
    const name = relative(folder, path).replace(/^snippets\/[^/]*\//, "…/");
    return [name, data.length, gzipSync(data, { level: 9 }).length, brotliCompressSync(data, brotli).length];
  });
  rows.sort((a, b) => b[2] - a[2]);
  const sum = (rows) => [1, 2, 3].map((column) => rows.reduce((total, row) => total + row[column], 0));
  const line = (name, sizes) => console.log(name.padEnd(40) + sizes.map(kb).join(""));
  const isLater = ([name]) => later.some((end) => name.endsWith(end));
  const first = sum(rows.filter((row) => !isLater(row)));
  console.log(`${"KB".padEnd(40)}      raw     gzip   brotli`);
  for (const [name, ...sizes] of rows.filter((row) => !isLater(row))) line(name, sizes);
  line("first load", first);
  for (const [name, ...sizes] of rows.filter(isLater)) line(`${name}, later`, sizes);
  const now = first[1] / 1024;
  const left = BUDGET - now;
  console.log(`budget ${BUDGET} KB gzip: ${left >= 0 ? `${left.toFixed(1)} KB left` : `${(-left).toFixed(1)} KB too much`}`);
  const ceiling = Number(readFileSync(join(root, "tests/size-ceiling.txt"), "utf8").trim());
  if (now <= ceiling) return true;
  console.error(`error: the first load has grown to ${now.toFixed(1)} KB gzip; tests/size-ceiling.txt allows ${ceiling} KB`);
  return false;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exit(weigh(process.env.DIST ?? join(root, "dist")) ? 0 : 1);
}
