// Errors that nothing else handles are shown with a report and a way to continue.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { editorComplete, ready, settled, site, stored } from "./harness.mjs";

const open = site();

const report = (page) => page.getByRole("alertdialog", { name: /Something went wrong here|A file did not load/ });

/** The report has the error, the build and the browser; the errors on the console are expected. */
async function shows(page, explanation, message) {
  const panel = report(page);
  await panel.getByText(explanation).waitFor();
  const text = await panel.getByLabel("Error report").textContent();
  assert.match(text, message);
  assert.match(text, /^Prometheus Playground, build \w+$/m);
  assert.match(text, /^Browser: .*Chrom/m);
  page.errors.splice(0);
  return panel;
}

async function debug(page, name) {
  await page.getByRole("button", { name: "Help", exact: true }).click();
  await page.getByRole("button", { name }).click();
}

describe("an error", () => {
  test("that makes the worker panic is shown, and the worker is replaced", async () => {
    const page = await open({ at: "?debug" });
    await debug(page, "Make the worker panic");
    const panel = await shows(page, "The simulation stopped because of an internal error and was restarted.", /panicked|stages\.rs|session\.rs/);
    await panel.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Close" }).click();
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("- [\n");
    await page.locator(".prob", { hasText: /bracket|\[/ }).first().waitFor();
    page.errors.splice(0);
  });

  test("that makes the page panic is shown, and a reload continues with the saved text", async () => {
    const page = await open({ at: "?debug" });
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("# saved\n");
    await stored(page, "# saved");
    await debug(page, "Make the page panic");
    const panel = await shows(page, /The page stopped because of an internal error.*saved/, /src\/shell\/dialogs\.rs/);
    assert.equal(await panel.getByRole("button", { name: "Close" }).count(), 0);
    await panel.getByRole("button", { name: "Reload the page" }).click();
    await page.locator(".cm-line", { hasText: "# saved" }).waitFor();
    assert.equal(await report(page).count(), 0);
    page.errors.splice(0);
  });

  for (const [name, provoke] of [
    ["exception", () => setTimeout(() => { throw new Error("provoked by a test"); })],
    ["rejection", () => { Promise.reject(new Error("provoked by a test")); }],
  ]) {
    test(`of JavaScript is shown: an unhandled ${name}`, async () => {
      const page = await open();
      await page.evaluate(provoke);
      const panel = await shows(page, /A part of the page stopped/, /provoked by a test/);
      await panel.getByRole("button", { name: "Close" }).click();
      await panel.waitFor({ state: "detached" });
      page.errors.splice(0);
    });
  }

  test("of the editor's second part is shown, and another try loads it", async () => {
    const page = await open({ without: "**/editor_rest.js*" });
    const panel = await shows(page, /A part of the editor did not load/, /editor_rest\.js/);
    await page.context().unroute("**/editor_rest.js*");
    await panel.getByRole("button", { name: "Try again" }).click();
    await editorComplete(page);
    page.errors.splice(0);
  });

  test("of the worker's file is shown, and another try starts it", async () => {
    const page = await open({ without: "**/worker_bg.wasm", until: ".worker-notice", clock: true });
    for (const delay of [1_000, 2_000, 4_000, 8_000]) {
      await page.locator(".worker-notice", { hasText: "is loaded again" }).waitFor();
      await page.clock.runFor(delay);
    }
    const panel = await shows(page, /The simulation did not load/, /worker_bg\.wasm|Failed to fetch/);
    await page.locator(".cm-content", { hasText: "job_name" }).waitFor();
    await page.context().unroute("**/worker_bg.wasm");
    await panel.getByRole("button", { name: "Try again" }).click();
    await ready(page);
    page.errors.splice(0);
  });

  test("of the page's file is shown", async () => {
    const page = await open({ without: "**/page_bg.wasm", until: ".error-report" });
    await shows(page, /The page did not start/, /page_bg\.wasm|Failed to fetch/);
  });

  test("of the style sheet is shown", async () => {
    const page = await open({ without: "**/page.css" });
    await shows(page, /A file of the page did not load/, /page\.css/);
  });

  test("of a message that cannot be decoded is shown, and the worker is replaced", async () => {
    const page = await open({
      first: () => {
        const post = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (message) {
          const broken = window.corrupt && message instanceof Uint8Array;
          window.corrupt &&= !broken;
          post.call(this, broken ? new Uint8Array([255, 255, 255, 255, 255, 255]) : message);
        };
      },
    });
    await page.evaluate(() => { window.corrupt = true; });
    await page.locator("#tab-query").click();
    await shows(page, "The simulation stopped because of an internal error and was restarted.", /decode/);
    await page.locator(".query-input").waitFor();
    await settled(page);
    page.errors.splice(0);
  });
});
