// Files as people have them: grouped problems, dropped rows, long texts, images of version 2, Grafana.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { importFiles, scrape, settled, shown, site, violations } from "./harness.mjs";

const open = site();
const button = (page, name) => page.getByRole("button", { name, exact: true });
const line = (page, text) => page.locator(".cm-line", { hasText: text });
const problems = (page) => page.getByRole("region", { name: "Problems" });

describe("real files", () => {
  test("have one problem for findings of one kind, with a fix for each", async () => {
    const page = await open();
    const job = (name) => `- job_name: ${name}\n  bearer_token_file: /var/${name}\n  static_configs: [{targets: ['${name}.example.com:80']}]\n`;
    await importFiles(page, ["prometheus.yml", `scrape_configs:\n${["a", "b", "c", "d"].map(job).join("")}`]);
    const summary = problems(page).locator("summary", { hasText: "3 more of this kind in prometheus.yml" });
    await summary.waitFor();
    const fix = problems(page).getByRole("button", { name: "Use authorization.credentials_file", exact: true });
    const finding = problems(page).locator("ul > .prob:not(.more)", { hasText: "bearer_token_file" });
    assert.equal(await finding.and(page.locator(".probs > ul > li")).count(), 1);
    assert.equal(await fix.count(), 1, "the others are folded");
    await summary.press("Enter");
    assert.equal(await fix.count(), 4);
    assert.deepEqual(await violations(page), []);
    await fix.first().click();
    await line(page, "credentials_file: /var/a").waitFor();
    // The list follows the text.
    await summary.waitFor({ state: "detached" });
    await fix.first().click();
    await line(page, "credentials_file: /var/b").waitFor();
    // Two are not put together.
    await problems(page).locator("summary").waitFor({ state: "detached" });
    assert.equal(await fix.count(), 2);
  });

  test("have dropped targets that name the object, the rule and the value", async () => {
    const page = await open();
    const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, annotations: {prometheus.io/scrape: 'True'}}\nspec: {containers: [{name: web, image: acme/web, ports: [{containerPort: 80}]}]}\n";
    const config = "scrape_configs:\n- job_name: pods\n  kubernetes_sd_configs: [{role: pod}]\n  relabel_configs:\n  - source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape]\n    regex: 'true'\n    action: keep\n";
    await importFiles(page, ["prometheus.yml", config], ["pod.yaml", pod]);
    await page.locator("#tab-targets").click();
    await page.getByRole("button", { name: /^1\s*dropped$/ }).click();
    const pool = page.locator(".card[aria-label=pods]");
    const reason = pool.getByText("Pod default/web: dropped by rule 1: keep where __meta_kubernetes_pod_annotation_prometheus_io_scrape matches true. The value is \"True\", which is not \"true\": upper and lower case differ");
    await reason.waitFor();
    assert.equal(await pool.locator("td .st").textContent(), "DROPPED");
    await reason.click();
    // The link leads to the rule.
    await page.locator(".cm-activeLine", { hasText: "source_labels" }).waitFor();
  });

  test("have long labels, selectors, logs and notes that can be read whole", async () => {
    const page = await open({ width: 1280, height: 800 });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width: 1280, height: 800 });
      const long = "a-very-long-value-of-a-label-without-any-break-".repeat(8);
      const keys = Array.from({ length: 12 }, (_, at) => `example.com/key-number-${at}: value-${at}`).join(", ");
      const pod = (name, more) => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {${keys}}}\nspec: {containers: [{name: web, image: acme/web, ports: [{containerPort: 80}]${more}}]}\n`;
      const service = `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {${keys}}, ports: [{port: 80}]}\n`;
      const config = `scrape_configs:\n- job_name: web\n  static_configs: [{targets: ['web:80'], labels: {long: ${long}}}]\n- job_name: web\n`;
      await importFiles(page, ["prometheus.yml", config.replace(/- job_name: web\n$/, "")], ["web.yaml", [pod("web", ""), service].join("---\n")]);
      await page.setViewportSize({ width, height: 800 });
      await page.locator("#tab-targets").click();
      const label = page.locator(".card[aria-label=web] .lb", { hasText: "long=" });
      await label.first().waitFor();
      const whole = (locator) => locator.evaluate((element) => {
        const scrolls = (node) => node && (/(auto|scroll)/.test(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
        const box = element.getBoundingClientRect();
        return { text: element.textContent, inside: box.right <= innerWidth + 1 || Boolean(scrolls(element.parentElement)), cut: getComputedStyle(element).textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth };
      });
      const read = await whole(label.first());
      assert.ok(read.text.includes(long), "the whole value is there");
      assert.deepEqual([read.inside, read.cut], [true, false], `${width}`);
      await page.locator("#tab-cluster").click();
      await shown(page);
      const selector = page.locator("#results").getByText("example.com/key-number-11", { exact: false }).first();
      if (await selector.count()) assert.equal((await whole(selector)).cut, false, `selector at ${width}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${width}`);
      // A configuration with a job that stands twice is refused; the log line is long.
      await page.setViewportSize({ width: 1280, height: 800 });
      await importFiles(page, ["prometheus.yml", config.replaceAll("web\n", `${long}\n`)]);
      await page.setViewportSize({ width, height: 800 });
      await page.locator("#tab-targets").click();
      const log = page.locator("#results .card.bad pre").first();
      await log.waitFor();
      const said = await whole(log);
      assert.ok(said.text.includes("found multiple scrape configs with job name"), said.text);
      const wraps = await log.evaluate((element) => element.scrollWidth <= element.clientWidth + 1);
      assert.ok(wraps, `the log line wraps at ${width}`);
    }
  });

  test("with an image of version 2 have a table of what changed, with the answer for them", async () => {
    const page = await open({ width: 1280, height: 900 });
    const manifests = "apiVersion: v1\nkind: Pod\nmetadata: {name: prometheus}\nspec:\n  containers:\n  - name: prometheus\n    image: prom/prometheus:v2.48.0\n    volumeMounts: [{name: c, mountPath: /etc/prometheus}]\n  volumes: [{name: c, configMap: {name: c}}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  prometheus.yml: |\n    scrape_configs:\n    - job_name: a\n      static_configs: [{targets: [example]}]\n";
    await importFiles(page, ["p.yaml", manifests]);
    await problems(page).getByText("Prometheus v2.48.0 behaves like version 3.14 here").waitFor();
    await button(page, "Why? version-2-image").click();
    const table = page.getByRole("region", { name: "Changes from 2.48 to 3.14" });
    await table.getByRole("row", { name: /Targets without a port.*yes/ }).waitFor();
    await table.getByRole("row", { name: /Functions.*holt_winters.*double_exponential_smoothing.*no/ }).waitFor();
    assert.deepEqual(await violations(page), []);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/changes.png` });
    await page.setViewportSize({ width: 390, height: 800 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/changes-390.png` });
  });

  test("of Grafana give queries with values, and a rule with a variable has a fix", async () => {
    const page = await open();
    const config = "rule_files: [r.yml]\nscrape_configs:\n- job_name: a\n  scrape_interval: 5s\n  static_configs: [{targets: ['localhost:9090']}]\n";
    const dashboard = JSON.stringify({ title: "Service", schemaVersion: 39, panels: [{ title: "Requests", targets: [{ expr: "rate(prometheus_http_requests_total[$__rate_interval])" }] }] });
    const rules = "groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: rate(up[$__rate_interval])\n";
    await importFiles(page, ["prometheus.yml", config], ["r.yml", rules], ["dashboard.json", dashboard]);
    await problems(page).getByRole("button", { name: "Write 20s" }).click();
    await line(page, "expr: rate(up[20s])").waitFor();
    await settled(page);
    await page.locator("#tab-targets").click();
    await scrape(page, 10);
    await page.locator("#tab-query").click();
    await page.locator("summary", { hasText: "Queries of dashboards: 1" }).press("Enter");
    await page.getByRole("button", { name: /Service: Requests/ }).click();
    await page.getByText("Variables of Grafana: $__rate_interval is 20s").waitFor();
    await page.locator("#results").getByText("localhost:9090").first().waitFor();
  });
});
