// The release build in a browser: it is optimised, divided and without checks, so it is another
// program than the one that the other browser tests open.
import assert from "node:assert/strict";
import { test } from "node:test";
import { later } from "../../scripts/size.mjs";
import { open, ready, stage } from "../e2e/harness.mjs";

const on = stage();

/** Opens a tab of results and waits for its answer. */
async function show(page, name) {
  await page.locator(`#tab-${name}`).click();
  await page.locator(".results [role=tabpanel]:not([data-waiting=true])").first().waitFor();
}

/**
 * Opens the page while the files that are fetched later hang; `go` lets them come. Whoever needed one
 * of them would wait for ever, so what is seen meanwhile was made without them, however slow the machine.
 */
async function openHanging(context) {
  const page = await context.newPage();
  const seen = { asked: [], errors: [] };
  const held = [];
  let free = false;
  context.on("request", (request) => seen.asked.push(new URL(request.url()).pathname));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
  await context.route((url) => later.some((name) => url.pathname.endsWith(name)), (route) => {
    if (free) return route.continue();
    held.push(route);
  });
  await page.goto(on.server.url);
  await ready(page);
  const go = () => {
    free = true;
    return Promise.all(held.map((route) => route.continue()));
  };
  return { page, go, ...seen };
}

test("the first view comes without the files that are fetched later, and answers", async () => {
  const context = await on.browser.newContext({ reducedMotion: "reduce", viewport: { width: 1440, height: 900 } });
  const { page, go, asked, errors } = await openHanging(context);
  await page.locator(".cm-content", { hasText: "job_name" }).waitFor();
  await page.locator(".cm-note", { hasText: "scrape every 15s" }).waitFor();
  await page.locator(".card[aria-label=proxy-job] tbody tr").first().waitFor();
  assert.ok(asked.some((path) => path.endsWith("worker_bg.wasm")), asked.join(" "));
  await go();

  // Then the rest comes, each file once, whatever is opened.
  for (let n = 0; n < 4; n++) await page.getByTitle("On to the next scrape").click();
  await show(page, "targets");
  await page.getByText("UP", { exact: true }).first().waitFor();
  for (const name of ["config", "cluster", "discovery", "metrics", "query", "rate-lab", "rules", "checks", "explain"]) await show(page, name);
  await show(page, "query");
  await page.getByRole("tab", { name: "Graph" }).click();
  await page.locator(".uplot").first().waitFor();
  for (const part of ["worker_rest.wasm", "page_rest.wasm", "editor_rest.js", "plot.js"]) {
    // Twice where a call cannot wait for what is on its way already.
    const times = asked.filter((path) => path.endsWith(part)).length;
    assert.ok(times === 1 || (times === 2 && part.endsWith(".wasm")), `${part} was fetched ${times} times`);
  }
  assert.deepEqual(errors, []);
  await context.close();
});

test("the clock plays and the graph moves without the files that are fetched later", async () => {
  const context = await on.browser.newContext({ viewport: { width: 1440, height: 900 } });
  const { page, errors } = await openHanging(context);
  const clock = page.locator(".clock-bar output").first();
  const before = await clock.textContent();
  await page.waitForFunction((before) => document.querySelector(".clock-bar output").textContent !== before, before);
  await page.locator(".pulse svg").first().waitFor();
  await page.getByText("UP", { exact: true }).first().waitFor();
  const drawn = await page.locator(".pulse svg").first().innerHTML();
  await page.waitForFunction((drawn) => document.querySelector(".pulse svg").innerHTML !== drawn, drawn, { timeout: 60_000 });
  assert.deepEqual(errors, []);
  await context.close();
});

test("where the rest cannot be fetched the page says so and keeps the text", async () => {
  const page = await open(on.browser, on.server.url, { without: "**/worker_rest.wasm" });
  await page.locator("#tab-rules").click();
  await page.locator("#tab-query").click();
  await page.getByText("could not be fetched").first().waitFor();
  await page.locator(".cm-content", { hasText: "job_name" }).waitFor();
  await page.context().close();
});
