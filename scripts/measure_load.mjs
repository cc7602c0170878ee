// Measures what a visitor waits for on a first visit over two networks, and on a second visit without a
// network: a throttled local server, gzip, an empty cache, three runs each.
import { createServer } from "node:http";
import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { launch, root, TYPES } from "../tests/e2e/harness.mjs";

const RUNS = 3;

/** Megabits per second, and milliseconds of a round trip; seconds to reach. */
const NETWORKS = [
  { name: "9 Mbit/s, 60 ms", rate: 9, rtt: 60, editor: 1.2, answer: 2.2 },
  { name: "1.6 Mbit/s, 150 ms", rate: 1.6, rtt: 150, editor: 3.2, answer: 8 },
];
const OFFLINE = 0.7;

/** Bytes that are sent at once; connections take turns after each. */
const CHUNK = 2048;

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A line that all responses share: each chunk is sent when those before it have passed. */
function line(megabits) {
  let free = performance.now();
  return (bytes) => {
    free = Math.max(free, performance.now()) + (bytes * 8) / (megabits * 1000);
    return later(free - performance.now());
  };
}

/** Serves a folder over a slow network. A new connection costs one round trip more. */
function slowServer(folder, { rate, rtt }) {
  const pass = line(rate);
  const known = new WeakSet();
  const sent = [];
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://x").pathname).replace(/^\/+/, "") || "index.html";
    const file = join(folder, path);
    const found = file.startsWith(folder) && existsSync(file) && statSync(file).isFile();
    await later(known.has(request.socket) ? rtt : 2 * rtt);
    known.add(request.socket);
    if (!found) return response.writeHead(404).end();
    const zipped = existsSync(`${file}.gz`) && /gzip/.test(request.headers["accept-encoding"] ?? "");
    const data = readFileSync(zipped ? `${file}.gz` : file);
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-length": data.length,
      "cache-control": "max-age=600",
      ...(zipped ? { "content-encoding": "gzip" } : {}),
    });
    for (let at = 0; at < data.length && !response.destroyed; at += CHUNK) {
      const part = data.subarray(at, at + CHUNK);
      await pass(part.length);
      response.write(part);
    }
    response.end();
    sent.push([path, data.length, performance.now()]);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const url = `http://127.0.0.1:${server.address().port}/`;
      resolve({ url, sent, stop: () => { server.closeAllConnections(); server.close(); } });
    });
  });
}

/** In the page: notes when the editor shows the text, and when diagnostics and target table are there. */
function watch() {
  window.times = {};
  const look = () => {
    const { times } = window;
    if (!times.editor && document.querySelector(".cm-line")?.textContent) times.editor = performance.now();
    const answered = document.querySelector(".cm-note") && document.querySelector("#results .card table tbody tr");
    if (!times.answer && answered) times.answer = performance.now();
    if (!times.answer) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function visit(page, url) {
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForFunction(() => window.times?.answer, undefined, { timeout: 120_000 });
  return page.evaluate(() => window.times);
}

async function newPage(browser) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  await context.addInitScript(watch);
  return context.newPage();
}

const seconds = (runs) => runs.map((ms) => (ms / 1000).toFixed(2)).join(" / ");
const middle = (runs) => [...runs].sort((a, b) => a - b)[Math.floor(runs.length / 2)];

function print(name, what, runs, goal) {
  const median = middle(runs) / 1000;
  console.log(`${name.padEnd(24)}${what.padEnd(18)}${seconds(runs).padEnd(24)}${median.toFixed(2)} s, to reach ${goal} s${median > goal ? "  MISSED" : ""}`);
}

async function firstVisits(browser, folder, network) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const server = await slowServer(folder, network);
    const page = await newPage(browser);
    runs.push(await visit(page, server.url));
    if (run === 0 && process.env.VERBOSE) {
      const start = server.sent[0][2];
      for (const [path, size, at] of server.sent) console.log(`  ${(at - start).toFixed(0).padStart(6)} ms ${String(size).padStart(8)} ${path}`);
    }
    await page.context().close();
    server.stop();
  }
  print(network.name, "editor visible", runs.map((run) => run.editor), network.editor);
  print(network.name, "first answer", runs.map((run) => run.answer), network.answer);
}

async function secondVisits(browser, folder) {
  const server = await slowServer(folder, { rate: 1000, rtt: 1 });
  const page = await newPage(browser);
  await visit(page, server.url);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  server.stop();
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await visit(page, server.url));
  print("second visit, offline", "first answer", runs.map((run) => run.answer), OFFLINE);
  await page.context().close();
}

export async function load() {
  const folder = process.env.DIST ?? join(root, "dist");
  const browser = await launch();
  try {
    for (const network of NETWORKS) await firstVisits(browser, folder, network);
    await secondVisits(browser, folder);
  } finally {
    await browser.close();
  }
}
