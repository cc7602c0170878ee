// Helpers of the browser tests: a server for the built page, and Chromium with an empty profile.
import assert from "node:assert/strict";
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join, normalize } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
  ".wasm": "application/wasm", ".json": "application/json",
};

/** Milliseconds after which a test has failed. */
const LONGEST_TEST = 90_000;

/** The folder of the built page. */
export const DIST = process.env.DIST ?? join(root, "dist");

/** Serves a folder on a free port. Returns the address and a function that stops the server. */
/** The rules of a file `_headers`: paths, of which `*` stands for any rest, and their response headers. */
function headerRules(folder) {
  const file = join(folder, "_headers");
  const rules = [];
  for (const line of existsSync(file) ? readFileSync(file, "utf8").split("\n") : []) {
    if (line.startsWith("  ")) {
      const [name, ...value] = line.trim().split(": ");
      rules.at(-1).headers[name.toLowerCase()] = value.join(": ");
    } else if (line) {
      rules.push({ path: line, headers: {} });
    }
  }
  const matches = (path, rule) => (rule.endsWith("*") ? path.startsWith(rule.slice(0, -1)) : path === rule);
  return (path) => Object.assign({}, ...rules.filter((rule) => matches(path, rule.path)).map((rule) => rule.headers));
}

export function serve(folder = DIST) {
  if (!existsSync(join(folder, "index.html"))) throw new Error(`${folder} has no page: build it first`);
  const headersOf = headerRules(folder);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://x");
    const path = normalize(pathname).replace(/^\/+/, "") || "index.html";
    const file = join(folder, path);
    if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { ...headersOf(pathname), "content-type": type });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({ url: `http://127.0.0.1:${server.address().port}/`, stop: () => { server.closeAllConnections(); server.close(); } });
    });
  });
}

function executable() {
  const named = process.env.CHROMIUM;
  const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"];
  const found = [named, ...places].find((path) => path && existsSync(path));
  if (!found) throw new Error("Chromium is not there; install it or set CHROMIUM to its path");
  return found;
}

export function launch() {
  return chromium.launch({
    executablePath: executable(),
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}

/**
 * Opens a page and waits for its first answer, or for a selector if `until` is given. `page.errors` collects
 * the errors of the page. Requests that match `without` fail; `routes` has other answers, by pattern. `first`
 * runs before all other scripts. With `visitor` the page takes the visit for the first one. `before` gets the page before it is opened. With `clock` the test moves the
 * time of the page.
 */
export async function open(browser, url, { width = 1440, height = 900, dark = false, still = true, without, routes = {}, first, before, clock, until, wait, visitor, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: still ? "reduce" : "no-preference",
    ...options,
  });
  if (without) await context.route(without, (route) => route.abort());
  for (const [pattern, answer] of Object.entries(routes)) await context.route(pattern, answer);
  if (!visitor) await context.addInitScript(() => { try { localStorage.setItem("playground.visited", "true"); } catch {} });
  if (first) await context.addInitScript(first);
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.errors.push(message.text());
  });
  if (clock) await page.clock.install();
  await before?.(page);
  await page.goto(url, { waitUntil: wait });
  if (until) await page.locator(until).waitFor();
  else await ready(page);
  return page;
}

/** For a file of tests: a `server` with the page and Chromium as `browser`, while the tests run. */
export function stage() {
  const stage = {};
  before(async () => {
    stage.server = await serve();
    stage.browser = await launch();
  });
  after(async () => {
    await stage.browser?.close();
    stage.server?.stop();
  });
  return stage;
}

/** Waits for a promise, but not longer than a number of milliseconds. */
function within(millis, promise) {
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, millis); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * For a file of tests: returns a function that opens a page, at the path `at`. After each test its pages are
 * closed. Errors that are left in `page.errors` fail the test. `longest` is the limit of a test in milliseconds.
 *
 * A page that hangs does not answer, and a script in it can wait for ever. The pages of a test that takes too
 * long are closed, which ends every wait of the test with an error.
 */
export function site({ longest = LONGEST_TEST } = {}) {
  const on = stage();
  const opened = [];
  let timer, late;
  const closeAll = (pages) => within(10_000, Promise.all(pages.map((page) => page.context().close())));
  beforeEach(() => {
    late = false;
    timer = setTimeout(() => {
      late = true;
      closeAll(opened);
    }, longest);
  });
  afterEach(async () => {
    clearTimeout(timer);
    const pages = opened.splice(0);
    await closeAll(pages);
    assert.ok(!late, `the test did not end within ${longest / 1_000} s: the page hangs, or what a test waits for does not come`);
    assert.deepEqual(pages.flatMap((page) => page.errors), []);
  });
  return async ({ at = "", ...options } = {}) => {
    const page = await open(on.browser, new URL(at, on.server.url).href, options);
    opened.push(page);
    return page;
  };
}

export async function ready(page) {
  await page.waitForSelector(".frame[data-ready=true]", { timeout: 30_000 });
}

/** Waits until the part of the editor that loads later is there: search, history, completion. */
export async function editorComplete(page) {
  await page.waitForFunction(() => document.documentElement.dataset.editor === "complete");
}

/** Replaces text in the open file with the search of the editor. */
export async function replace(page, from, to) {
  await page.locator("#editor .cm-content").click();
  const field = page.locator(".cm-search input[name=search]");
  await editorComplete(page);
  await page.keyboard.press("Control+f");
  await field.fill(from);
  await page.locator(".cm-search input[name=replace]").fill(to);
  await page.locator(".cm-search button[name=replaceAll]").click();
  await page.keyboard.press("Escape");
}

/** Waits until the page of results in view has its answer. */
export async function shown(page) {
  await page.locator("#results:not([data-waiting=true])").waitFor();
}

/** Waits until the worker has answered every request that changes the session. */
export async function settled(page) {
  await page.locator(".frame[data-settled=true]").waitFor();
}

/** Opens a scenario by its title. */
export async function scenario(page, label) {
  await page.getByLabel("Scenario").selectOption({ label });
}

/** Types at the start of the open file. */
export async function type(page, text) {
  await page.locator("#editor .cm-content").focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type(text);
}

/** Returns the stored workspaces: records with their works as JSON text. None if the page has made no database. */
export function workspaces(page) {
  return page.evaluate(() => new Promise((resolve, reject) => {
    const opening = indexedDB.open("playground");
    let absent = false;
    opening.onupgradeneeded = () => {
      absent = true;
      opening.transaction.abort();
    };
    opening.onerror = () => (absent ? resolve([]) : reject(opening.error));
    opening.onsuccess = () => {
      const db = opening.result;
      const tx = db.transaction(["workspaces", "works"]);
      const [records, keys, works] = [tx.objectStore("workspaces").getAll(), tx.objectStore("works").getAllKeys(), tx.objectStore("works").getAll()];
      tx.oncomplete = () => {
        db.close();
        resolve(records.result.map((record) => ({ ...record, work: works.result[keys.result.indexOf(record.id)] })));
      };
    };
  }));
}

/** The violations of accessibility that axe finds, each with the elements. */
export async function violations(page) {
  // The policy forbids scripts in the document, so axe comes in through the debugger.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const { result } = await session.send("Runtime.evaluate", {
    expression: "axe.run(document).then((r) => JSON.stringify(r.violations.map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 160))])))",
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  return JSON.parse(result.value);
}

/** Waits until a stored workspace contains all texts. */
export async function stored(page, ...texts) {
  for (const end = Date.now() + 20_000; ;) {
    if ((await workspaces(page)).some(({ work }) => texts.every((text) => work?.includes(text)))) return;
    if (Date.now() > end) throw new Error(`no stored workspace contains ${texts.join(" and ")}`);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

/** Imports files, `[name, text or bytes]` each, as a new workspace. */
export async function importFiles(page, ...files) {
  await chooseFiles(page, ...files);
  await page.getByRole("button", { name: "Open as a new workspace" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

/** Chooses files to import, up to the choice of what becomes of them. */
export async function chooseFiles(page, ...files) {
  await page.getByRole("button", { name: "Import", exact: true }).click();
  const given = files.map(([name, content]) => ({ name, mimeType: "text/yaml", buffer: Buffer.from(content) }));
  await page.getByLabel("Files to import").setInputFiles(given);
  await page.getByRole("list", { name: "Files" }).waitFor();
}

/** Copies a link to the open work, which the address bar shows then. */
export async function share(page) {
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await page.getByRole("button", { name: "Copy the link" }).click();
}

/** Runs a number of scrapes. */
export async function scrape(page, times = 1) {
  for (let n = 0; n < times; n++) await page.getByRole("button", { name: "1 scrape", exact: true }).click();
}
