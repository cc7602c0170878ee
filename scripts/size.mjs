// Prints the size of each file of the release build: as it is, with gzip, and with brotli.
import { existsSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { files } from "./release.mjs";

/** Files that are fetched after the first view, or when they are needed for the first time. */
const LATER = ["kubernetes.json", "editor_rest.js", "plot.js", "service_worker.js"];

const folder = process.env.DIST ?? join(fileURLToPath(import.meta.url), "../../dist");
const kb = (bytes) => (bytes / 1024).toFixed(1).padStart(9);
const print = (name, sizes) => console.log(name.padEnd(40) + sizes.map(kb).join(""));

function row(path) {
  const size = (path) => statSync(path).size;
  // Files that compress badly have no copies.
  const copy = (end) => size(existsSync(`${path}.${end}`) ? `${path}.${end}` : path);
  const name = relative(folder, path).replace(/^[0-9a-f]{12}\//, "").replace(/^snippets\/[^/]*\//, "…/");
  return { name, sizes: [size(path), copy("gz"), copy("br")] };
}

const rows = files(folder).filter((path) => !/\.(gz|br)$/.test(path)).map(row);
rows.sort((a, b) => b.sizes[1] - a.sizes[1]);
const isLater = ({ name }) => LATER.some((end) => name.endsWith(end));
const first = rows.filter((row) => !isLater(row));
console.log(`${"KB".padEnd(40)}      raw     gzip   brotli`);
for (const { name, sizes } of first) print(name, sizes);
print("first visit", [0, 1, 2].map((column) => first.reduce((sum, row) => sum + row.sizes[column], 0)));
for (const { name, sizes } of rows.filter(isLater)) print(`${name}, later`, sizes);
