// The rules of a scenario: recorded, pending, firing, and their unit tests.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, open, serve } from "./harness.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

describe("rules", () => {
  test("become pending and fire in simulated time, and their tests run", async () => {
    const page = await open(browser, server.url);
    await page.locator("#tab-rules").click();
    await page.getByText("There are no rules").waitFor();
    await page.getByLabel("Scenario").selectOption({ label: "Jewelry shop" });
    await page.locator("#tab-rules").click();
    const group = page.getByRole("region", { name: "jewelry-shop" });
    const down = group.locator(".rule", { hasText: "TargetDown" });
    await group.waitFor();
    await page.getByLabel("Go ahead by").selectOption({ label: "1 hour" });
    await down.locator(".st", { hasText: "firing" }).first().waitFor();
    await down.getByText(/django at 10\.244\.0\.3:8000 cannot be scraped/).waitFor();
    await group.locator(".rule", { hasText: "ShopUnseen" }).getByText("Only 0% of the Django pods can be scraped").waitFor();
    const recorded = group.locator(".rule", { hasText: "job:up:avg" }).first();
    assert.match(await recorded.textContent(), /recording rule.*evaluated \d+ s ago, \d series/);
    await page.getByLabel("Filter rules").fill("ShopUnseen");
    await down.waitFor({ state: "detached" });
    await page.getByLabel("Filter rules").fill("");
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("region", { name: "Unit tests" }).getByText("SUCCESS").waitFor();
    await down.getByRole("button", { name: "show rule" }).click();
    await page.locator(".cm-line", { hasText: "alert: TargetDown" }).waitFor();
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });
});
