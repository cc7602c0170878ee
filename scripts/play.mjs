// Plays the first moments of a visit on modules with marks, for scripts/split.mjs.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launch, open, serve } from "../tests/e2e/harness.mjs";
import { MARK } from "./split.mjs";

/**
 * Plays the worker here in Node, on the messages that its `first_moments` gives. This is
 * deterministic: the same sources give the same marks.
 */
export async function playWorker(folder, bytes) {
  const place = join(folder, ".played");
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), '{"type":"module"}');
  const compiled = new WebAssembly.Module(bytes);
  // Each start is a module of its own: the first tells the messages, the second is the worker.
  const start = async (name) => {
    copyFileSync(join(folder, "worker.js"), join(place, name));
    const worker = await import(pathToFileURL(join(place, name)).href);
    return { worker, exports: worker.initSync({ module: compiled }) };
  };
  const replies = [];
  globalThis.postMessage = (data) => replies.push(data);
  const messages = (await start("first.js")).worker.first_moments();
  const { exports } = await start("second.js");
  for (const data of messages) globalThis.onmessage({ data });
  rmSync(place, { recursive: true, force: true });
  // One for each start, which says that it listens.
  if (messages.length === 0 || replies.length !== messages.length + 2) {
    throw new Error(`of ${messages.length} messages ${replies.length - 2} were answered`);
  }
  return marksOf(exports);
}

const marksOf = (exports) =>
  Object.keys(exports).filter((name) => name.startsWith(MARK) && exports[name].value === 1);

/** Plays the page in Chromium: it is shown, the clock plays, a tab is chosen, a letter is typed. */
export async function playPage(folder, bytes) {
  const path = join(folder, "page_bg.wasm");
  const kept = readFileSync(path);
  writeFileSync(path, bytes);
  let browser, server;
  try {
    server = await serve(folder);
    browser = await launch();
    const page = await open(browser, server.url, { still: false });
    await page.locator(".cm-content", { hasText: "job_name" }).waitFor();
    await page.waitForTimeout(2_000);
    await page.mouse.move(400, 300);
    await page.locator(".cm-line").first().click();
    await page.keyboard.type("# a");
    await page.waitForTimeout(1_500);
    return await page.evaluate(async (prefix) => {
      const { default: init } = await import("./page.js");
      const exports = await init();
      return Object.keys(exports).filter((name) => name.startsWith(prefix) && exports[name].value === 1);
    }, MARK);
  } finally {
    await browser?.close();
    server?.stop();
    writeFileSync(path, kept);
  }
}
