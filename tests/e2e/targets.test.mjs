// The target table: reasons, labels with their origin, and thousands of rows through a window.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { importFiles, replace, scenario, scrape, settled, site } from "./harness.mjs";

const open = site();

const COUNT = 6_000;
const CONFIG = `global: {scrape_interval: 1m}
scrape_configs:
- job_name: many
  file_sd_configs: [{files: [many.yml]}]
  relabel_configs:
  - {source_labels: [zone], regex: hidden, action: drop}
`;
const hosts = (from, to) => Array.from({ length: to - from }, (_, i) => `'host-${from + i}:80'`).join(", ");
const MANY = `- targets: [${hosts(0, COUNT)}]\n  labels: {zone: shown}\n- targets: [${hosts(COUNT, COUNT + 100)}]\n  labels: {zone: hidden}\n`;

/** A page with the large workspace, and the longest tasks of its main thread from then on. */
async function large() {
  const page = await open();
  await importFiles(page, ["prometheus.yml", CONFIG], ["many.yml", MANY]);
  await page.locator("#tab-targets").click();
  await page.getByRole("region", { name: "Targets of many" }).waitFor();
  return page;
}

describe("the target table", () => {
  test("does not know what answers outside of the cluster until a file describes it", async () => {
    const page = await open();
    await replace(page, "proxy-service:8080", "node-exporter.example.com:9100");
    await settled(page);
    await scrape(page, 2);
    const pool = page.locator(".card[aria-label=proxy-job]");
    await pool.getByText("is outside of the cluster, and no file says what answers there").waitFor();
    assert.equal(await pool.locator("td .st").textContent(), "UNKNOWN");
    assert.equal(await page.locator("#tab-targets .badge [aria-hidden]").textContent(), "?1");
    await pool.getByRole("button", { name: "Describe what answers" }).click();
    await page.getByRole("tab", { name: "node-exporter-example-com-9100.yaml" }).waitFor();
    await settled(page);
    await scrape(page, 1);
    await pool.locator("td .st.up").waitFor();
    assert.equal(await page.locator("#tab-targets .badge [aria-hidden]").textContent(), "1/1");
  });

  test("says why a target is down and leads to the place", async () => {
    const page = await open();
    await scenario(page, "Jewelry shop");
    await page.locator("#tab-targets").click();
    const django = page.locator(".card[aria-label=django]");
    await django.waitFor();
    await scrape(page, 2);
    await django.locator("td .st.down").first().waitFor();
    await django.getByText("server returned HTTP status 400 Bad Request").first().waitFor();
    await django.getByText(/ALLOWED_HOSTS/).first().waitFor();
    await django.getByRole("button", { name: /^more of/ }).first().click();
    await django.getByText("Discovered labels").waitFor();
    await django.locator(".lb", { hasText: "__meta_kubernetes_pod_name" }).first().waitFor();
    // A label that a rule made leads to the rule.
    const pod = django.locator("button.lb", { hasText: /^pod=/ }).first();
    assert.match(await pod.getAttribute("title"), /rule 2/);
    await page.getByRole("button", { name: /dropped$/ }).click();
    await page.getByText(/dropped by rule 1: keep where/).first().waitFor();
  });

  test("shows none of a kind that there is not, and all again", async () => {
    const page = await open();
    await scrape(page, 2);
    await page.getByRole("button", { name: /down$/ }).click();
    await page.getByText("No targets match.").waitFor();
    assert.equal(await page.getByLabel("Which targets").inputValue(), "Unhealthy");
    await page.getByRole("button", { name: /scraped$/ }).click();
    await page.locator("td .st.up").waitFor();
    await page.locator(".sparkline-card").first().waitFor();
  });

  test("has only the rows in view in the document, whatever their number", async () => {
    const page = await large();
    const table = page.getByRole("region", { name: "Targets of many" });
    const rows = table.locator("tr.one");
    assert.equal(await table.locator("table").getAttribute("aria-rowcount"), String(COUNT + 1));
    assert.ok((await rows.count()) <= 60);
    await page.evaluate(() => {
      window.long = [];
      new PerformanceObserver((list) => window.long.push(...list.getEntries().map((entry) => entry.duration)))
        .observe({ type: "longtask" });
    });
    for (const part of [0.1, 0.5, 0.25, 0.9, 1]) {
      await table.evaluate((element, part) => { element.scrollTop = element.scrollHeight * part; }, part);
      const wanted = Math.min(COUNT - 1, Math.floor(COUNT * part));
      await table.locator(`tr[aria-rowindex="${wanted + 2}"]`).waitFor();
    }
    await table.getByText(`http://host-${COUNT - 1}:80/metrics`).waitFor();
    assert.ok((await rows.count()) <= 60);
    // Each drawn row is at the offset of its number.
    const off = await table.evaluate((element) => {
      const row = element.querySelector("tr.one");
      const top = row.getBoundingClientRect().top - element.getBoundingClientRect().top + element.scrollTop;
      return top - element.querySelector("thead").offsetHeight - Number(row.dataset.row) * 60;
    });
    assert.ok(Math.abs(off) < 30, `${off} pixels off`);
    const long = await page.evaluate(() => window.long);
    if (process.env.MEASURE) console.log("long tasks while scrolling, ms:", long);
  });

  test("goes through a long pool by keys and keeps the focus", async () => {
    const page = await large();
    const table = page.getByRole("region", { name: "Targets of many" });
    const more = table.locator("tr.one button[aria-expanded]").first();
    await more.focus();
    await page.keyboard.press("Enter");
    await table.getByText("Discovered labels").waitFor();
    await more.focus();
    await table.evaluate((element) => { element.scrollTop = 60_000; });
    await table.locator('tr[aria-rowindex="1002"]').waitFor();
    assert.equal(await table.evaluate((element) => element === document.activeElement), true);
    await page.keyboard.press("Home");
    await table.locator('tr[aria-rowindex="2"]').waitFor();
    await table.getByText("Discovered labels").waitFor();
  });

  test("filters and searches all rows, and begins at the top again", async () => {
    const page = await large();
    const table = page.getByRole("region", { name: "Targets of many" });
    await table.evaluate((element) => { element.scrollTop = 100_000; });
    await table.locator('tr[aria-rowindex="1672"]').waitFor();
    await page.getByLabel("Filter by endpoint or labels").fill("host-59");
    await page.getByText("111 rows").waitFor();
    await table.locator('tr[aria-rowindex="2"]').waitFor();
    await page.getByLabel("Filter by endpoint or labels").fill("host-5999");
    await page.locator("tbody td.mono", { hasText: "host-5999:80/metrics" }).waitFor();
    await page.getByLabel("Filter by endpoint or labels").fill("");
    await page.getByText(`${COUNT} rows`).waitFor();
    const which = page.getByLabel("Which targets");
    await which.selectOption("Up");
    await page.locator("button.fact[aria-pressed=true]", { hasText: "up" }).waitFor();
    await page.getByRole("button", { name: /dropped$/ }).click();
    await page.locator("button.fact[aria-pressed=true]", { hasText: "dropped" }).waitFor();
    assert.equal(await which.inputValue(), "Dropped", "the choice follows, whatever was chosen in it before");
    await page.getByText(/dropped by rule 1: drop where zone matches hidden/).first().waitFor();
  });
});
