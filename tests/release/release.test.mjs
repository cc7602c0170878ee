// The release build in a browser. It is optimized, its files are in a folder with the name of the build, and
// a service worker keeps it, so that it is a different program than the one of the other browser tests.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { ready, root, scrape, serve, settled, shown, stage } from "../e2e/harness.mjs";

const on = stage();
const folder = process.env.DIST ?? join(root, "dist");
const PAGES = ["config", "cluster", "discovery", "targets", "metrics", "query", "rate-lab", "rules", "checks", "explain"];

/** Files that are fetched after the first view, or when they are needed for the first time. */
const LATER = ["editor_rest.js", "plot.js", "kubernetes.json"];

async function newPage(options = {}) {
  const context = await on.browser.newContext({ reducedMotion: "reduce", viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  return page;
}

const buildOf = (page) => page.locator('meta[name="build"]').getAttribute("content");

/** Waits until the service worker keeps the build. */
async function keeps(page) {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
}

test("every compressed copy is the file", () => {
  const names = readdirSync(folder, { recursive: true }).map(String);
  const copies = names.filter((name) => /\.(gz|br)$/.test(name));
  assert.ok(copies.length >= 20, copies.join());
  for (const name of copies) {
    const unpack = name.endsWith(".gz") ? gunzipSync : brotliDecompressSync;
    const original = readFileSync(join(folder, name.replace(/\.(gz|br)$/, "")));
    assert.ok(unpack(readFileSync(join(folder, name))).equals(original), name);
  }
});

test("the response headers keep files of a build, ask for the document, and forbid frames", async () => {
  const [id] = readdirSync(folder).filter((name) => /^[0-9a-f]{12}$/.test(name));
  const headers = async (path) => (await fetch(new URL(path, on.server.url))).headers;
  for (const path of ["", "index.html", "embed.html", "service_worker.js"]) {
    assert.equal((await headers(path)).get("cache-control"), "no-cache", path);
  }
  for (const path of [`${id}/boot.js`, `${id}/worker_bg.wasm`]) {
    assert.match((await headers(path)).get("cache-control"), /immutable/, path);
  }
  for (const path of ["", `${id}/boot.js`]) {
    const found = await headers(path);
    assert.equal(found.get("cross-origin-opener-policy"), "same-origin", path);
    assert.equal(found.get("x-content-type-options"), "nosniff", path);
  }
  const other = mkdtempSync(join(tmpdir(), "other-"));
  after(() => rmSync(other, { recursive: true }));
  writeFileSync(join(other, "index.html"), `<iframe src="${on.server.url}"></iframe>`);
  const framing = await serve(other);
  const page = await newPage({ serviceWorkers: "block" });
  const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
  await page.goto(framing.url);
  await refused;
  assert.match(page.frames()[1].url(), /^chrome-error:/);
  // The page for frames can be shown, and starts with the files of the build.
  assert.equal((await headers("embed.html")).get("content-security-policy"), "frame-ancestors *");
  writeFileSync(join(other, "index.html"), `<iframe src="${on.server.url}embed.html"></iframe>`);
  await page.goto(framing.url);
  const frame = page.frameLocator("iframe");
  await frame.getByRole("button", { name: "Run" }).click();
  await frame.locator(".frame.embedded[data-ready=true]").waitFor();
  framing.stop();
  await page.context().close();
});

test("the first view needs no file that is fetched later, and every page opens", async () => {
  const page = await newPage({ serviceWorkers: "block" });
  const asked = [];
  const held = [];
  let free = false;
  const origins = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    asked.push(url.pathname);
    // Downloads and pictures that the page makes itself are no requests.
    if (url.protocol.startsWith("http")) origins.push(url.origin);
  });
  const isLater = (url) => LATER.some((name) => url.pathname.endsWith(name));
  await page.context().route(isLater, (route) => (free ? route.continue() : void held.push(route)));
  await page.goto(on.server.url);
  await ready(page);
  await page.locator(".cm-note", { hasText: "scrape every 15s" }).waitFor();
  await page.locator(".card[aria-label=proxy-job] tbody tr").first().waitFor();
  free = true;
  await Promise.all(held.map((route) => route.continue()));

  await scrape(page, 4);
  for (const name of PAGES) {
    await page.locator(`#tab-${name}`).click();
    await shown(page);
  }
  await page.locator("#tab-query").click();
  await page.getByRole("tab", { name: "Graph" }).click();
  await page.locator(".uplot").first().waitFor();
  for (const name of ["page_bg.wasm", "worker_bg.wasm", "editor_rest.js", "plot.js"]) {
    assert.equal(asked.filter((path) => path.endsWith(name)).length, 1, `${name} is fetched once`);
  }
  const strange = origins.filter((origin) => origin !== new URL(on.server.url).origin);
  assert.deepEqual(strange, [], "requests to other origins");
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("a panic of the worker keeps its message and its location", async () => {
  const page = await newPage({ serviceWorkers: "block" });
  await page.goto(`${on.server.url}?debug`);
  await ready(page);
  await page.getByRole("button", { name: "Help", exact: true }).click();
  await page.getByRole("button", { name: "Make the worker panic" }).click();
  const text = await page.getByRole("alertdialog").getByLabel("Error report").textContent();
  assert.match(text, /crates\/session\/src\/\w+\.rs:\d+/);
  assert.match(text, new RegExp(`build ${await buildOf(page)}`));
  await settled(page);
  await page.context().close();
});

test("the second visit works without a network", async () => {
  const server = await serve(folder);
  const page = await newPage();
  await page.goto(server.url);
  await ready(page);
  await keeps(page);
  server.stop();
  await page.goto(server.url);
  await ready(page);
  await page.locator(".card[aria-label=proxy-job] tbody tr").first().waitFor();
  await scrape(page, 4);
  await page.locator("#tab-query").click();
  await page.getByRole("tab", { name: "Graph" }).click();
  await page.locator(".uplot").first().waitFor();
  await page.context().close();
});

test("a new build replaces the kept one as a whole", async () => {
  const [id] = readdirSync(folder).filter((name) => /^[0-9a-f]{12}$/.test(name));
  const other = "0123456789ab";
  const copy = mkdtempSync(join(tmpdir(), "build-"));
  after(() => rmSync(copy, { recursive: true }));
  cpSync(folder, copy, { recursive: true });
  const server = await serve(copy);
  const page = await newPage();
  await page.goto(server.url);
  await ready(page);
  await keeps(page);
  // The same files under another name.
  renameSync(join(copy, id), join(copy, other));
  for (const name of ["index.html", "service_worker.js"]) {
    writeFileSync(join(copy, name), readFileSync(join(copy, name), "utf8").replaceAll(id, other));
  }
  const paths = [];
  page.on("request", (request) => paths.push(new URL(request.url()).pathname));
  await page.goto(server.url);
  await ready(page);
  assert.equal(await buildOf(page), other);
  assert.deepEqual(paths.filter((path) => path.includes(id)), [], "no file of the previous build");
  await page.context().close();
  server.stop();
});
