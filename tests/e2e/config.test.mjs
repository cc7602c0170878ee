// The configuration in force, what it has otherwise than another one, and the documentation of
// findings, as a person comes to them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ready, replace, site, stored } from "./harness.mjs";

const open = site();

describe("the configuration", () => {
  test("is shown in force, and a line leads back to its text", async () => {
    const page = await open();
    await page.locator("#tab-config").click();
    const inherited = page.locator(".lines li.inherited", { hasText: "scrape_interval: 15s" });
    await inherited.getByText("from global").waitFor();
    await inherited.getByRole("button").click();
    await page.locator(".cm-activeLine", { hasText: "scrape_interval: 15s" }).waitFor();
  });

  test("is compared by meaning with the scenario as it opened", async () => {
    const page = await open();
    await page.locator("#tab-config").click();
    await page.getByLabel("Compare with").selectOption({ index: 1 });
    await page.getByText("No differences").waitFor();
    await replace(page, "proxy-service:8080", "proxy-service:9090");
    await page.locator(".changes .gained", { hasText: "http://proxy-service:9090/metrics" }).waitFor();
    await page.locator(".changes .lost", { hasText: "http://proxy-service:8080/metrics" }).waitFor();
  });
});

describe("a finding", () => {
  test("is explained by its Why, silenced there, and stays so over a reload", async () => {
    const page = await open();
    const problem = page.locator(".prob", { hasText: "NodePort opens Prometheus" });
    await problem.getByRole("button", { name: /^Why\?/ }).click();
    await page.getByText("Prometheus requires no password").waitFor();
    await page.getByLabel(/Hide findings of this check/).check();
    await problem.waitFor({ state: "detached" });
    await stored(page, `"silenced":["`);
    await page.reload();
    await ready(page);
    await page.locator(".prob", { hasText: "lies on no volume" }).waitFor();
    assert.equal(await problem.count(), 0);
  });
});
