// Finishes a build of the page. Trunk runs it after every build. In every build it copies the descriptions
// of Kubernetes fields beside the page. In a release build it also makes the WebAssembly smaller, moves the
// files into a folder with the name of the build, writes the service worker, and compresses all files.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { copyDescriptions } from "./descriptions.mjs";
import { shrink } from "./shrink.mjs";

/** Files that stay beside the document. */
const DOCUMENT = ["index.html", "icon.svg", "service_worker.js"];

/** Files that compress well. */
const TEXT = /\.(html|js|css|svg|json|wasm)$/;

export function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

/** The id of a build: a hash of the names and contents of its files. */
function buildId(folder) {
  const hash = createHash("sha256");
  for (const path of files(folder).sort()) hash.update(relative(folder, path)).update(readFileSync(path));
  return hash.digest("hex").slice(0, 12);
}

function moveIntoFolder(folder, id) {
  mkdirSync(join(folder, id));
  for (const name of readdirSync(folder)) {
    if (name !== id && !DOCUMENT.includes(name)) renameSync(join(folder, name), join(folder, id, name));
  }
}

/** Points the document to the folder of the build, with hints for the files that every visit needs. */
function rewriteDocument(folder, id) {
  const path = join(folder, "index.html");
  const modules = ["page.js", ...snippets(join(folder, id))];
  const hints = modules.map((name) => `<link rel="modulepreload" href="./${id}/${name}" />`);
  hints.push(`<link rel="preload" as="fetch" type="application/wasm" crossorigin href="./${id}/page_bg.wasm" />`);
  const html = readFileSync(path, "utf8")
    .replace('content="development"', `content="${id}"`)
    .replace(/(src|href)="(?:\.\/)?(boot\.js|page\.css)"/g, `$1="./${id}/$2"`)
    .replace("</head>", `${hints.join("")}</head>`);
  if (!html.includes(`./${id}/boot.js`) || !html.includes(`./${id}/page.css`)) {
    throw new Error("index.html does not name boot.js and page.css as expected");
  }
  writeFileSync(path, html);
}

/** JavaScript that page.js imports, relative to the folder. */
function snippets(folder) {
  const snippets = join(folder, "snippets");
  if (!existsSync(snippets)) return [];
  const imported = readFileSync(join(folder, "page.js"), "utf8");
  return files(snippets).map((path) => relative(folder, path).replaceAll("\\", "/")).filter((name) => imported.includes(`./${name}`));
}

function writeServiceWorker(folder, id) {
  const list = ["./", "./icon.svg", ...files(join(folder, id)).map((path) => `./${relative(folder, path).replaceAll("\\", "/")}`)];
  const source = readFileSync("bundle/service_worker.js", "utf8");
  writeFileSync(join(folder, "service_worker.js"), `const BUILD = "${id}", FILES = ${JSON.stringify(list)};\n${source}`);
}

/** Writes .gz and .br beside each file, for servers that send precompressed files. */
function compress(folder) {
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  for (const path of files(folder).filter((path) => TEXT.test(path))) {
    const data = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(data, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(data, brotli));
  }
}

const folder = process.env.TRUNK_STAGING_DIR ?? process.env.TRUNK_DIST_DIR;
const release = process.env.TRUNK_PROFILE === "release";
if (folder) {
  copyDescriptions(folder, release);
  if (release) {
    shrink(folder);
    rmSync(join(folder, "worker_loader.js"), { force: true });
    const id = buildId(folder);
    moveIntoFolder(folder, id);
    rewriteDocument(folder, id);
    writeServiceWorker(folder, id);
    compress(folder);
  }
}
