// Plays the first moments of a visit on modules with marks, for scripts/split.mjs.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
export class WorkerPlayer {
  constructor(folder) {
    this.folder = folder;
  }

  async play(files) {
    const bytes = files.get(join(this.folder, "worker_bg.wasm"));
    const { said } = await startWorker(this.folder, "first.mjs", bytes);
    const { exports, replies } = await startWorker(this.folder, "second.mjs", bytes, said);
    // The first reply says that it listens.
    if (said.length === 0 || replies.length !== said.length + 1) {
      throw new Error(`of ${said.length} messages ${replies.length - 1} were answered`);
    }
    Object.assign(this, { said, replies });
    return marksOf(exports);
  }

  /** Whether the divided worker answers the same messages with the same bytes, without its rest. */
  async check(files) {
    const bytes = files.get(join(this.folder, "worker_bg.wasm"));
    const { replies } = await instead(files, () => startWorker(this.folder, "third.mjs", bytes, this.said));
    if (JSON.stringify(replies) !== JSON.stringify(this.replies)) {
      throw new Error("divided, it answers in another way");
    }
  }
}

const marksOf = (exports) =>
  Object.keys(exports).filter((name) => name.startsWith(MARK) && exports[name].value === 1);

/** Puts files in their places while `go` runs. */
async function instead(files, go) {
  const kept = [...files.keys()].map((path) => [path, existsSync(path) && readFileSync(path)]);
  for (const [path, bytes] of files) writeFileSync(path, bytes);
  try {
    return await go();
  } finally {
    for (const [path, bytes] of kept) bytes ? writeFileSync(path, bytes) : rmSync(path);
  }
}

const PHONE = { dark: true, width: 390, height: 844 };

/** How the page is opened to compare what it shows first. */
const FIRST = [{}, PHONE];

/** How it is opened to see what it needs: also while its clock plays, and where the worker comes late. */
const LOOKS = [
  {}, { still: false }, ...[700, 2_500].map((late) => ({ still: false, slow: ["**/worker_bg.wasm", late] })), PHONE,
];

/** Plays the page in Chromium: it is shown, the clock plays, somebody clicks and types. */
export class PagePlayer {
  constructor(folder) {
    this.folder = folder;
  }

  async play(files) {
    this.shown = await this.firstViews(1);
    return this.marks(files, 0);
  }

  again(files) {
    return this.marks(files, 5);
  }

  /** What was marked in a visit of each look, and in as many times `short` that end with the first answer. */
  marks(files, short) {
    return instead(files, () => visit(this.folder, async (browser, url) => {
      const reached = new Set();
      const visits = [LOOKS.map((look) => [look, linger]), ...Array(short).fill(FIRST.map((look) => [look]))];
      for (const together of visits) await Promise.all(together.map(async ([look, stay]) => {
        const page = await open(browser, url, look);
        await page.locator(".cm-content", { hasText: "job_name" }).waitFor();
        await stay?.(page);
        const names = await page.evaluate(async (prefix) => {
          const { default: init } = await import("./page.js");
          const exports = await init();
          return Object.keys(exports).filter((name) => name.startsWith(prefix) && exports[name].value === 1);
        }, MARK);
        for (const name of names) reached.add(name);
        await page.context().close();
      }));
      return [...reached];
    }));
  }

  /** Whether the divided page shows first what the whole one shows, without its rest, time after time. */
  async check(files) {
    const shown = await instead(files, () => this.firstViews(8));
    if (shown.some((view, at) => view !== this.shown[at % FIRST.length])) throw new Error("divided, it shows something else");
  }

  /** What the page shows first in each look, `times` over, as markup; the rest of a divided page cannot be had. */
  firstViews(times) {
    return visit(this.folder, async (browser, url) => {
      const shown = [];
      for (let at = 0; at < times * FIRST.length; at++) {
        const page = await open(browser, url, { ...FIRST[at % FIRST.length], without: "**/*_rest.*" });
        await page.locator(".cm-content", { hasText: "job_name" }).waitFor();
        await page.waitForTimeout(500);
        shown.push(await page.evaluate(() => document.body.innerHTML));
        await page.context().close();
      }
      return shown;
    });
  }
}

/** The clock plays; somebody moves the pointer, clicks and types. */
async function linger(page) {
  await page.waitForTimeout(2_000);
  await page.mouse.move(300, 300);
  await page.locator(".cm-line").first().click();
  await page.keyboard.type("# a");
  await page.waitForTimeout(1_500);
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
