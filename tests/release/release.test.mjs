// The release build in a browser: it is optimised, divided and without checks, so it is another
// program than the one that the other browser tests open.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { later } from "../../scripts/size.mjs";
import { launch, open, ready, serve } from "../e2e/harness.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

/** Opens a tab of results and waits for its answer. */
async function show(page, name) {
  await page.locator(`#tab-${name}`).click();
  await page.locator(".results [role=tabpanel]:not([data-waiting=true])").first().waitFor();
}

test("the first view comes without the files that are fetched later, and answers", async () => {
  const context = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const asked = [];
  const errors = [];
  context.on("request", (request) => asked.push(new URL(request.url()).pathname));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(server.url);
  await ready(page);
  await page.locator(".cm-content", { hasText: "job_name" }).waitFor();
  const early = () => asked.filter((path) => later.some((name) => path.endsWith(name)));
  assert.ok(asked.some((path) => path.endsWith("worker_bg.wasm")), asked.join(" "));
  assert.deepEqual(early(), [], "fetched before anybody asked");

  // Whoever touches the page gets the rest, each file once, whatever they open.
  for (let n = 0; n < 4; n++) await page.getByTitle("On to the next scrape").click();
  await show(page, "targets");
  await page.getByText("UP", { exact: true }).first().waitFor();
  for (const name of ["config", "cluster", "discovery", "metrics", "query", "rate-lab", "rules", "checks", "explain"]) await show(page, name);
  await show(page, "query");
  await page.getByRole("tab", { name: "Graph" }).click();
  await page.locator(".uplot").first().waitFor();
  for (const part of ["worker_rest.wasm", "page_rest.wasm", "plot.js"]) {
    // Twice where a call cannot wait for what is on its way already.
    const times = asked.filter((path) => path.endsWith(part)).length;
    assert.ok(times === 1 || (times === 2 && part === "page_rest.wasm"), `${part} was fetched ${times} times`);
  }
  assert.deepEqual(errors, []);
  await context.close();
});

test("where the rest cannot be fetched the page says so and keeps the text", async () => {
  const page = await open(browser, server.url);
  await page.context().route("**/worker_rest.wasm", (route) => route.abort());
  await page.locator("#tab-rules").click();
  await page.locator("#tab-query").click();
  await page.getByText("could not be fetched").first().waitFor();
  await page.locator(".cm-content", { hasText: "job_name" }).waitFor();
  await page.context().close();
});
