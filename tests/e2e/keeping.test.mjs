// Nothing is lost: over a reload, over the end of a worker, and where nothing may be stored.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ready, site } from "./harness.mjs";

const open = site();

async function type(page, text) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type(text);
}

describe("work", () => {
  test("survives a reload: text, file, page", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    await type(page, "# mine 𝄞\n");
    await page.locator("#tab-targets").click();
    await page.reload();
    await ready(page);
    await page.locator(".cm-line", { hasText: "# mine 𝄞" }).waitFor();
    assert.equal(await page.getByRole("tab", { name: "proxy.yaml" }).getAttribute("aria-selected"), "true");
    assert.equal(await page.locator("#tab-targets").getAttribute("aria-selected"), "true");
  });

  test("survives a job that never ends", async () => {
    const page = await open({ at: "?debug" });
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
  });

  test("goes on where storage is forbidden, which is said once", async () => {
    const page = await open({
      first: () => Object.defineProperty(window, "localStorage", {
        get() {
          throw new DOMException("no", "SecurityError");
        },
      }),
    });
    await type(page, "# a\n");
    await page.getByText("Nothing can be kept over a reload").waitFor();
    await type(page, "# b\n");
    await page.waitForTimeout(800);
    assert.equal(await page.getByText("Nothing can be kept over a reload").count(), 1);
  });

  test("goes on where storage is full", async () => {
    const page = await open({
      first: () => {
        Storage.prototype.setItem = () => {
          throw new DOMException("The quota has been exceeded", "QuotaExceededError");
        };
      },
    });
    await type(page, "# a\n");
    await page.getByText("the browser's storage is full").waitFor();
    await page.locator(".cm-line", { hasText: "# a" }).waitFor();
  });

  test("opens from a link, and a broken link says so", async () => {
    const page = await open();
    await type(page, "# shared\n");
    await page.getByRole("button", { name: "Share" }).click();
    await page.waitForFunction(() => location.hash.startsWith("#w="));
    const other = await open({ at: page.url() });
    await other.locator(".cm-line", { hasText: "# shared" }).waitFor();
    assert.equal(new URL(other.url()).hash, "");
    const broken = await open({ at: "#w=abc" });
    await broken.getByText("The link could not be opened").waitFor();
  });

  test("leaves as an archive", async () => {
    const page = await open();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    assert.equal((await download).suggestedFilename(), "prometheus-playground.zip");
  });
});
