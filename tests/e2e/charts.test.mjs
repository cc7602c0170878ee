// A Helm chart in the workspace: rendered text beside its template, what a value changes, an error of
// Helm at its place.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { replace, scenario, settled, shown, site, violations } from "./harness.mjs";

const open = site();

describe("a chart", () => {
  test("is rendered beside its template, and a value shows what it changes", async () => {
    const page = await open();
    await scenario(page, "Wiki chart with templates");
    await page.locator("#tab-chart").click();
    await page.getByRole("heading", { name: "Chart wiki-chart 0.3.0" }).waitFor();

    await replace(page, "replicas: 1", "replicas: 2");
    await page.locator(".page-chart .diff .added", { hasText: "replicas: 2" }).waitFor();
    await page.locator(".page-chart .diff .removed", { hasText: "replicas: 1" }).waitFor();

    // A rendered line leads to its line in the template, and its value to values.yaml.
    await page.getByRole("button", { name: "templates/prometheus-configmap.yaml", exact: true }).click();
    const line = page.locator(".rendered li", { hasText: "scrape_interval: 15s" });
    await line.getByRole("button", { name: "prometheus.scrapeInterval" }).click();
    await page.getByRole("tab", { name: "wiki-chart/values.yaml", selected: true }).waitFor();
    await shown(page);
    assert.deepEqual(await violations(page), []);

    await replace(page, "scrapeInterval: 15s", "scrapeInterval: soon");
    const finding = page.locator(".prob", { hasText: "soon" }).first();
    await finding.getByText("wiki-chart/templates/prometheus-configmap.yaml:11").waitFor();
    await finding.getByRole("button", { name: /the value prometheus.scrapeInterval/ }).waitFor();
    await replace(page, "scrapeInterval: soon", "scrapeInterval: 15s");

    await page.getByRole("tab", { name: "wiki-chart/templates/prometheus-configmap.yaml" }).click();
    await replace(page, ".Values.prometheus.scrapeInterval", ".Values.prometheus.scrapeInterval | nope");
    await page.getByLabel("Message of Helm").getByText('function "nope" not defined').waitFor();
    await page.getByText("The chart of wiki-chart/Chart.yaml does not render.").waitFor();
    await settled(page);
    await page.locator("#tab-cluster").click();
    await page.locator("title", { hasText: "Pod default/wiki-chart-fastapi" }).first().waitFor({ state: "attached" });
  });
});
