// Rules: recorded, pending, firing, and their unit tests.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { replace, scenario, scrape, site } from "./harness.mjs";

const open = site();

describe("rules", () => {
  test("of a mounted ConfigMap are evaluated, and an alert fires when its target is down", async () => {
    const page = await open();
    await scenario(page, "Wiki chart");
    await page.locator("#tab-rules").click();
    await page.getByText("job:users_created:rate5m").waitFor();
    await page.getByText("NoUsersCreated").waitFor();
    await page.getByRole("tab", { name: "prometheus-configmap.yaml" }).click();
    await replace(page, "wiki-chart-fastapi:8000", "wiki-chart-fastapj:8000");
    await scrape(page, 16);
    const alert = page.locator(".card", { hasText: "TargetDown" });
    await alert.getByText("firing").first().waitFor();
    await alert.getByText("wiki-chart-fastapj:8000 of job fastapi does not answer.").waitFor();
  });

  test("become pending and fire in simulated time, and their tests run", async () => {
    const page = await open();
    await page.locator("#tab-rules").click();
    await page.getByText("There are no rules").waitFor();
    await scenario(page, "Jewelry shop");
    await page.locator("#tab-rules").click();
    const group = page.getByRole("region", { name: "jewelry-shop" });
    const down = group.locator(".rule", { hasText: "TargetDown" });
    await group.waitFor();
    await page.getByLabel("Advance by").selectOption({ label: "1 hour" });
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
  });
});
