// The Prometheus Operator: the gates between a monitor and its targets, and a fix at the gate that
// stops it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scenario, settled, shown, site, violations } from "./harness.mjs";

const open = site();

const monitor = (page, name) => page.locator(".monitor", { hasText: name });

describe("the Operator", () => {
  test("monitors pass every gate, and one without the label is stopped and mended", async () => {
    const page = await open();
    await scenario(page, "kube-prometheus-stack, small");
    await monitor(page, "ServiceMonitor shop/checkout").waitFor();
    await page.getByLabel("Advance by").selectOption({ label: "1 minute" });
    await page.getByText("6 of 6 pass every gate").waitFor();
    await settled(page);
    assert.deepEqual(await violations(page), []);

    // The label that the Prometheus object asks for.
    const label = page.locator(".cm-line", { hasText: "labels: {release: stack}" }).first();
    await label.click();
    await page.keyboard.press("End");
    await page.keyboard.press("Shift+Home");
    await page.keyboard.type("labels: {team: shop}");
    await monitor(page, "ServiceMonitor monitoring/stack-prometheus").locator(".st", { hasText: "stopped" }).waitFor();
    await page.getByRole("button", { name: /release: stack/ }).first().click();
    await monitor(page, "ServiceMonitor monitoring/stack-prometheus").locator(".st", { hasText: "not scraped yet" }).waitFor();
    await page.getByLabel("Advance by").selectOption({ label: "1 minute" });
    await page.getByText("6 of 6 pass every gate").waitFor();
    await shown(page);
  });
});
