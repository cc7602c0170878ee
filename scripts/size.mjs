// What the release build weighs: each file raw and compressed, and the sum beside the budget.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

// What Prometheus 3.14's own page weighs, gzipped.
const BUDGET = 627;

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

// Fetched when someone first asks, not with the page.
const LATER = ["kubernetes.json"];

const kb = (bytes) => (bytes / 1024).toFixed(1).padStart(9);
const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
const rows = files("dist").map((path) => {
  const data = readFileSync(path);
  return [path, data.length, gzipSync(data, { level: 9 }).length, brotliCompressSync(data, brotli).length];
});
rows.sort((a, b) => b[2] - a[2]);
const first = rows.filter(([path]) => !LATER.some((name) => path.endsWith(name)));
const sum = [1, 2, 3].map((column) => first.reduce((total, row) => total + row[column], 0));
console.log(`${"KB".padEnd(58)}      raw     gzip   brotli`);
for (const [path, ...sizes] of rows) console.log(path.padEnd(55) + sizes.map(kb).join(""));
console.log(`first load (without ${LATER.join(", ")})`.padEnd(55) + sum.map(kb).join(""));
const left = BUDGET - sum[1] / 1024;
console.log(`budget ${BUDGET} KB gzip: ${left >= 0 ? `${left.toFixed(1)} KB left` : `${(-left).toFixed(1)} KB too much`}`);
process.exit(left >= 0 ? 0 : 1);
