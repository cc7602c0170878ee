// Plays the first moments of a visit on modules with marks, for scripts/split.mjs.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launch, open, serve } from "../tests/e2e/harness.mjs";
import { MARK } from "./split.mjs";

/** Starts the worker that lies in `folder` with other bytes; `messages` go in, the replies come out. */
async function startWorker(folder, name, bytes, messages) {
  const place = join(folder, ".played");
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), '{"type":"module"}');
  copyFileSync(join(folder, "worker.js"), join(place, name));
  try {
    const replies = [];
    globalThis.postMessage = (data) => replies.push(Buffer.from(data).toString("base64"));
    // Answers tell how long they took; here that is nothing.
    Object.defineProperty(globalThis, "performance", { value: { now: () => 0 }, configurable: true });
    const worker = await import(pathToFileURL(join(place, name)).href);
    const exports = worker.initSync({ module: new WebAssembly.Module(bytes) });
    const said = messages ?? worker.first_moments();
    if (messages) for (const data of messages) globalThis.onmessage({ data });
    return { exports, said, replies };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/**
 * Plays the worker here in Node, on the messages that its `first_moments` gives. This is
 * deterministic: the same sources give the same marks.
 */
export async function playWorker(folder, bytes) {
  const { said } = await startWorker(folder, "first.mjs", bytes);
  const { exports, replies } = await startWorker(folder, "second.mjs", bytes, said);
  // The first reply says that it listens.
  if (said.length === 0 || replies.length !== said.length + 1) {
    throw new Error(`of ${said.length} messages ${replies.length - 1} were answered`);
  }
  played = { said, replies };
  return marksOf(exports);
}

let played;

/** Whether the divided worker answers the same messages with the same bytes, without its rest. */
export async function checkWorker(folder) {
  const bytes = readFileSync(join(folder, "worker_bg.wasm"));
  const { replies } = await startWorker(folder, "third.mjs", bytes, played.said);
  if (JSON.stringify(replies) !== JSON.stringify(played.replies)) {
    throw new Error("divided, it answers in another way");
  }
}

const marksOf = (exports) =>
  Object.keys(exports).filter((name) => name.startsWith(MARK) && exports[name].value === 1);

/** What was reached in any playing of the page. */
const marks = new Set();

/**
 * Plays the page in Chromium: it is shown on a desk and on a phone, the clock plays, somebody clicks
 * and types.
 */
export async function playPage(folder, bytes) {
  const path = join(folder, "page_bg.wasm");
  const kept = readFileSync(path);
  shown = await firstView(folder);
  writeFileSync(path, bytes);
  try {
    return await visit(folder, async (browser, url) => {
      const take = async (page) => {
        const reached = await page.evaluate(async (prefix) => {
          const { default: init } = await import("./page.js");
          const exports = await init();
          return Object.keys(exports).filter((name) => name.startsWith(prefix) && exports[name].value === 1);
        }, MARK);
        for (const name of reached) marks.add(name);
      };
      // On slow machines and networks things come in another order: ticks before the first answer, say.
      for (const { late, ...look } of [{ still: false }, { still: false, late: 700 }, { still: false, late: 2_500 }, { dark: true, width: 390, height: 844 }]) {
        const page = await open(browser, url, { ...look, slow: late && ["**/worker_bg.wasm", late] });
        await page.locator(".cm-content", { hasText: "job_name" }).waitFor();
        await page.waitForTimeout(2_000);
        await page.mouse.move(300, 300);
        await page.locator(".cm-line").first().click();
        await page.keyboard.type("# a");
        await page.waitForTimeout(1_500);
        await take(page);
        await page.context().close();
      }
      return [...marks];
    });
  } finally {
    writeFileSync(path, kept);
  }
}

/** What the page shows first, as markup; the rest of a divided page cannot be had. */
function firstView(folder) {
  return visit(folder, async (browser, url) => {
    const shown = [];
    for (const look of [{}, { dark: true, width: 390, height: 844 }]) {
      const page = await open(browser, url, { ...look, without: "**/*_rest.*" });
      await page.locator(".cm-content", { hasText: "job_name" }).waitFor();
      await page.waitForTimeout(500);
      shown.push(await page.evaluate(() => document.body.innerHTML));
      await page.context().close();
    }
    return shown.join("\n");
  });
}

let shown;

/** Whether the divided page shows first what the whole one shows, without its rest. */
export async function checkPage(folder) {
  if ((await firstView(folder)) !== shown) throw new Error("divided, it shows something else");
}

/** Lets `go` use a browser on a served folder. */
async function visit(folder, go) {
  let browser, server;
  try {
    server = await serve(folder);
    browser = await launch();
    return await go(browser, server.url);
  } finally {
    await browser?.close();
    server?.stop();
  }
}
