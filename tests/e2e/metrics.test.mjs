// The page Metrics: lines explained, what is stored, and other programs put in a container's place.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scrape, site } from "./harness.mjs";

const open = site();

async function metrics(options) {
  const page = await open(options);
  if (options?.width < 600) await page.getByText("Results", { exact: true }).click();
  await page.getByRole("tab", { name: "Metrics", exact: true }).click();
  await page.locator(".exposition .line").first().waitFor();
  await scrape(page);
  await page.locator(".scrape-strip").waitFor();
  return page;
}

describe("the page Metrics", () => {
  test("explains the line that is chosen, by pointer and by keys", async () => {
    const page = await metrics();
    await page.locator(".exposition .line", { hasText: "giftcards_bought_total" }).first().click();
    const explanation = page.getByRole("region", { name: "Explanation of the line" });
    await explanation.getByText("Gift cards bought.").waitFor();
    assert.match(await explanation.locator("code.series").innerText(), /giftcards_bought_total\{.*job="proxy-job"/s);
    const before = await page.locator(".exposition [aria-selected=true]").getAttribute("id");
    await page.getByRole("listbox", { name: "Lines of the exposition" }).focus();
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction((id) => document.querySelector(".exposition [aria-selected=true]")?.id !== id, before);
    await page.keyboard.press("Escape");
    await page.getByText("Select a line").waitFor();
  });

  test("shows what is stored and graphs it", async () => {
    const page = await metrics();
    await page.getByRole("tab", { name: "Stored series" }).click();
    await page.getByRole("searchbox", { name: "Filter series" }).fill("giftcards_gifted_total");
    const stored = page.getByRole("region", { name: "Series", exact: true }).locator("tbody tr");
    await page.waitForFunction(() => document.querySelectorAll(".metrics-panel .card tbody")[0]?.rows.length === 1);
    assert.match(await stored.innerText(), /instance="proxy-service:8080"/);
    assert.match(await page.getByRole("region", { name: "Series of the scrape itself" }).innerText(), /up\s+1/);
    await stored.getByTitle("Graph it").click();
    await page.getByRole("tab", { name: "Query", exact: true, selected: true }).waitFor();
    await page.locator(".results .cm-content", { hasText: "giftcards_gifted_total{" }).first().waitFor();
  });

  test("lists metrics by their series", async () => {
    const page = await metrics({ width: 390, height: 844 });
    await page.getByRole("tab", { name: "Cardinality" }).click();
    const first = page.getByRole("region", { name: "Cardinality" }).locator("tbody tr").first();
    assert.match(await first.innerText(), /giftcard_http_request_duration_seconds/);
  });

  test("puts another workload in a container's place, and a pasted body", async () => {
    const page = await metrics();
    await page.getByRole("button", { name: "Edit this workload" }).click();
    await page.getByRole("tab", { name: "workloads/proxy.yaml" }).waitFor();
    await page.locator(".cm-content", { hasText: "container: proxy" }).waitFor();
    await page.getByText("workloads/proxy.yaml says so").waitFor();

    await page.getByRole("combobox", { name: "Choose another workload" }).selectOption({ label: "Flask application with prometheus-flask-exporter" });
    await page.locator(".cm-content", { hasText: "includes: [flask]" }).waitFor();
    await page.locator(".exposition .line", { hasText: "flask_http_request_total" }).first().waitFor();

    // The file that says it goes; a pasted body takes its place.
    await page.getByRole("button", { name: "Paste a /metrics body" }).click();
    await page.getByRole("tab", { name: "workloads/proxy_8080.prom" }).waitFor();
    await page.locator(".cm-content", { hasText: "# for: container=proxy" }).click();
    await page.keyboard.press("Control+End");
    await page.keyboard.insertText("# TYPE pasted_total counter\npasted_total 3600\n");
    await page.locator(".cm-note", { hasText: "moves on at 1 a second" }).waitFor();
  });
});
