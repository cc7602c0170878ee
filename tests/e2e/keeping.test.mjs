// Nothing is lost: over a reload, over the end of a worker, and where nothing may be stored.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, open, ready, serve } from "./harness.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

async function type(page, text) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type(text);
}

describe("work", () => {
  test("survives a reload: text, file, page", async () => {
    const page = await open(browser, server.url);
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    await type(page, "# mine 𝄞\n");
    await page.locator("#tab-targets").click();
    await page.reload();
    await ready(page);
    await page.locator(".cm-line", { hasText: "# mine 𝄞" }).waitFor();
    assert.equal(await page.getByRole("tab", { name: "proxy.yaml" }).getAttribute("aria-selected"), "true");
    assert.equal(await page.locator("#tab-targets").getAttribute("aria-selected"), "true");
    await page.context().close();
  });

  test("survives a job that never ends", async () => {
    const page = await open(browser, `${server.url}?debug`);
    await page.getByRole("button", { name: "Help", exact: true }).click();
    await page.getByRole("button", { name: "never ends" }).click();
    await page.getByRole("button", { name: "Close" }).click();
    // The page stays alive while the worker does not.
    await type(page, "# still here\n");
    await page.getByText("A job took too long and was ended").waitFor({ timeout: 20_000 });
    await page.locator(".cm-line", { hasText: "# still here" }).waitFor();
    // The new worker answers.
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("- [\n");
    await page.locator(".prob").first().waitFor();
    await page.context().close();
  });

  test("goes on where storage is forbidden, which is said once", async () => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      Object.defineProperty(window, "localStorage", {
        get() {
          throw new DOMException("no", "SecurityError");
        },
      });
    });
    const page = await context.newPage();
    await page.goto(server.url);
    await ready(page);
    await type(page, "# a\n");
    await page.getByText("Nothing can be kept over a reload").waitFor();
    await type(page, "# b\n");
    await page.waitForTimeout(800);
    assert.equal(await page.getByText("Nothing can be kept over a reload").count(), 1);
    await context.close();
  });

  test("goes on where storage is full", async () => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException("The quota has been exceeded", "QuotaExceededError");
      };
    });
    const page = await context.newPage();
    await page.goto(server.url);
    await ready(page);
    await type(page, "# a\n");
    await page.getByText("the browser's storage is full").waitFor();
    await page.locator(".cm-line", { hasText: "# a" }).waitFor();
    await context.close();
  });

  test("opens from a link, and a broken link says so", async () => {
    const page = await open(browser, server.url);
    await type(page, "# shared\n");
    await page.getByRole("button", { name: "Share" }).click();
    await page.waitForFunction(() => location.hash.startsWith("#w="));
    const link = page.url();
    const other = await open(browser, link);
    await other.locator(".cm-line", { hasText: "# shared" }).waitFor();
    assert.equal(new URL(other.url()).hash, "");
    const broken = await open(browser, `${server.url}#w=abc`);
    await broken.getByText("The link could not be opened").waitFor();
    for (const one of [page, other, broken]) await one.context().close();
  });

  test("leaves as an archive", async () => {
    const page = await open(browser, server.url);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    assert.equal((await download).suggestedFilename(), "prometheus-playground.zip");
    await page.context().close();
  });
});
