// Finishes a build of the page. Trunk runs it after every build. In every build it copies data that the page
// fetches beside it, and writes the id of the build into its parts. In a release build it also makes the
// WebAssembly smaller, moves the files into a folder with the name of the build, writes the service worker and
// the response headers, and compresses all files.
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { copyData } from "./data.mjs";
import { shrink } from "./shrink.mjs";

/** Files that stay beside the document. */
const DOCUMENT = ["index.html", "embed.html", "icon.svg", "service_worker.js"];

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

/** Allows the script inside the document by its hash. */
function allowScript(folder) {
  const path = join(folder, "index.html");
  const html = readFileSync(path, "utf8");
  const script = /<script>([^]*?)<\/script>/.exec(html)?.[1];
  if (!script || !html.includes(HASH)) throw new Error("index.html has no script, or no place for its hash");
  writeFileSync(path, html.replace(HASH, `sha256-${createHash("sha256").update(script).digest("base64")}`));
}

/** What index.html has in place of the hash. */
const HASH = "sha256-of-the-script-below";

/** What the sources have in place of the id. */
const PLACEHOLDER = "build-id-of-this-build";

/** A custom section of a WebAssembly module. All lengths must be below 128. */
function customSection(name, text) {
  const content = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from(text)]);
  return Buffer.concat([Buffer.from([0, content.length]), content]);
}

/**
 * Writes the id into the scripts and modules that must be of one build. static/js/boot.js compares them: a
 * module has the id in its section `build`, a script of wasm-bindgen exports it.
 */
function writeId(folder, id) {
  for (const name of ["boot.js", "worker_boot.js"]) {
    const path = join(folder, name);
    const source = readFileSync(path, "utf8");
    if (!source.includes(PLACEHOLDER)) throw new Error(`${name} has no place for the id of the build`);
    writeFileSync(path, source.replaceAll(PLACEHOLDER, id));
  }
  for (const name of ["page.js", "worker.js"]) appendFileSync(join(folder, name), `\nexport const build = "${id}";\n`);
  for (const name of ["page_bg.wasm", "worker_bg.wasm"]) appendFileSync(join(folder, name), customSection("build", id));
}

function moveIntoFolder(folder, id) {
  mkdirSync(join(folder, id));
  for (const name of readdirSync(folder)) {
    if (name !== id && !DOCUMENT.includes(name)) renameSync(join(folder, name), join(folder, id, name));
  }
}

/** Points the page for frames to the folder of the build. It loads nothing before a click. */
function rewriteEmbedded(folder, id) {
  const path = join(folder, "embed.html");
  const html = readFileSync(path, "utf8")
    .replace('content="development"', `content="${id}"`)
    .replace(/(src|href)="(embed\.js|embed\.css)"/g, `$1="./${id}/$2"`);
  if (!html.includes(`./${id}/embed.js`) || !html.includes(`./${id}/embed.css`)) {
    throw new Error("embed.html does not name embed.js and embed.css as expected");
  }
  writeFileSync(path, html);
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
  const list = ["./", "./embed.html", "./icon.svg", ...files(join(folder, id)).map((path) => `./${relative(folder, path).replaceAll("\\", "/")}`)];
  const source = readFileSync("bundle/service_worker.js", "utf8");
  writeFileSync(join(folder, "service_worker.js"), `const BUILD = "${id}", FILES = ${JSON.stringify(list)};\n${source}`);
}

/**
 * Writes the response headers for hosts that read a file `_headers`, as Netlify and Cloudflare Pages do.
 * docs/hosting.md says what they are for. The policy adds to the one in the document.
 */
function writeHeaders(folder, id) {
  const everywhere = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  };
  // Hosts join the values of all rules that match, so that only one of them has a policy.
  const closed = { "Content-Security-Policy": "frame-ancestors 'none'" };
  const rules = {
    "/*": everywhere,
    // A browser asks each time whether there is a newer build.
    "/": { ...closed, "Cache-Control": "no-cache" },
    "/index.html": { ...closed, "Cache-Control": "no-cache" },
    // The page for frames of other sites, also under the name without its end.
    "/embed.html": { "Content-Security-Policy": "frame-ancestors *", "Cache-Control": "no-cache" },
    "/embed": { "Content-Security-Policy": "frame-ancestors *", "Cache-Control": "no-cache" },
    "/service_worker.js": { "Cache-Control": "no-cache" },
    // The name of the folder changes with its content.
    [`/${id}/*`]: { ...closed, "Cache-Control": "public, max-age=31536000, immutable" },
  };
  const line = ([name, value]) => `  ${name}: ${value}\n`;
  const rule = ([path, headers]) => `${path}\n${Object.entries(headers).map(line).join("")}`;
  writeFileSync(join(folder, "_headers"), Object.entries(rules).map(rule).join(""));
}

/**
 * Writes .gz and .br beside each file, for servers that send precompressed files. Zopfli takes 30 seconds for
 * all files; its gzip is 5 % smaller than that of zlib.
 */
async function compress(folder) {
  const { default: { gzipAsync } } = await import("@gfx/zopfli");
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  for (const path of files(folder).filter((path) => TEXT.test(path))) {
    const data = readFileSync(path);
    writeFileSync(`${path}.gz`, await gzipAsync(data, { numiterations: 1 }));
    writeFileSync(`${path}.br`, brotliCompressSync(data, brotli));
  }
}

const folder = process.env.TRUNK_STAGING_DIR ?? process.env.TRUNK_DIST_DIR;
const release = process.env.TRUNK_PROFILE === "release";
if (folder) {
  copyData(folder, release);
  if (release) {
    shrink(folder);
    rmSync(join(folder, "worker_loader.js"), { force: true });
  }
  const id = buildId(folder);
  writeId(folder, id);
  allowScript(folder);
  if (release) {
    moveIntoFolder(folder, id);
    rewriteDocument(folder, id);
    rewriteEmbedded(folder, id);
    writeServiceWorker(folder, id);
    writeHeaders(folder, id);
    await compress(folder);
  }
}
