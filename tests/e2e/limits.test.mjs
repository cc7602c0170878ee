// Work that takes too long: what was canceled is not made again by itself, and large inputs leave the page's main
// thread free.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { importFiles, ready, settled, shown, site } from "./harness.mjs";

const open = site({ longest: 120_000 });

/** Before all scripts: while `window.lost` is set, messages to the worker with this text do not arrive. */
function loseQueries() {
  const text = new TextEncoder().encode("never_answered");
  const holds = (bytes) => bytes.some((_, at) => text.every((letter, offset) => bytes[at + offset] === letter));
  window.lost = sessionStorage.getItem("lost") === "true";
  window.dropped = 0;
  window.Worker = class extends Worker {
    postMessage(message, ...rest) {
      if (window.lost && message instanceof Uint8Array && holds(message)) {
        window.dropped += 1;
        return;
      }
      super.postMessage(message, ...rest);
    }
  };
}

describe("a query that is not answered in time", () => {
  test("is canceled, and not asked again at a reload until the visitor asks for it", async () => {
    const page = await open({ first: loseQueries });
    await page.locator("#tab-query").click();
    const field = page.locator(".query-input .cm-content");
    await field.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("never_answered");
    await page.keyboard.press("Escape");
    await page.locator(".cm-tooltip-autocomplete").waitFor({ state: "hidden" });
    await page.evaluate(() => {
      window.lost = true;
      sessionStorage.setItem("lost", "true");
    });
    await page.keyboard.press("Enter");
    const notice = page.getByText("The answer of this page took too long and was canceled.");
    await notice.waitFor({ timeout: 30_000 });
    assert.equal(await page.evaluate(() => window.dropped), 1, "the new worker does not get it");
    await page.locator(".query-input .cm-content", { hasText: "never_answered" }).waitFor();
    await settled(page);

    await page.reload();
    await ready(page);
    await notice.waitFor();
    await settled(page);
    await page.locator(".query-input .cm-content", { hasText: "never_answered" }).waitFor();
    assert.equal(await page.evaluate(() => window.dropped), 0, "nothing was asked at the reload");

    await page.evaluate(() => {
      window.lost = false;
    });
    await page.getByRole("button", { name: "Run again" }).click();
    await notice.waitFor({ state: "hidden" });
    await shown(page);
    await page.locator("#query-answer").getByText(/No data|no series|Empty/i).first().waitFor();
  });
});

/** A configuration with many lines, jobs and targets. */
function large() {
  let text = "global:\n  scrape_interval: 15s\nscrape_configs:\n";
  for (let job = 0; job < 300; job += 1) {
    text += `  - job_name: job-${job}\n    static_configs:\n      - targets: [host-${job}:9100, host-${job}:9200]\n`;
  }
  const targets = Array.from({ length: 3_000 }, (_, at) => `          - host-${at}:9100\n`).join("");
  return `${text}  - job_name: many\n    static_configs:\n      - targets:\n${targets}`;
}

/** The longest task in milliseconds: 50 of the release build, which `LONGEST_TASK=50` holds. */
const LONGEST_TASK = Number(process.env.LONGEST_TASK ?? 400);

describe("a large workspace", () => {
  test("is shown on each page without a long task", async () => {
    const page = await open();
    await importFiles(page, ["prometheus.yml", large()]);
    await page.evaluate(() => {
      window.tasks = [];
      new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((entry) => entry.duration)))
        .observe({ type: "longtask" });
    });
    const tabs = await page.locator("#results, [id^=tab-]").evaluateAll((all) => all.map((one) => one.id).filter((id) => id.startsWith("tab-")));
    for (const tab of tabs) {
      await page.locator(`#${tab}`).click();
      await shown(page);
      await settled(page);
      await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1_000 })));
      const tasks = await page.evaluate(() => window.tasks.splice(0));
      if (process.env.MEASURE) console.log(tab, tasks);
      const longest = Math.max(0, ...tasks);
      assert.ok(longest <= LONGEST_TASK, `${tab}: a task of ${longest} ms`);
    }
  });
});
