// The way in: files that are chosen, dropped and pasted, archives, a live Prometheus by a file, Compose.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { chooseFiles, importFiles, root, settled, shown, site, stored, violations } from "./harness.mjs";

const open = site();
const dialog = (page) => page.getByRole("dialog");
const line = (page, text) => page.locator(".cm-line", { hasText: text });
const files = (page) => page.getByRole("tablist", { name: "Files" }).getByRole("tab");
const names = async (page) => (await files(page).allTextContents()).map((name) => name.replace(/ \d.*$/, ""));
const button = (page, name) => page.getByRole("button", { name, exact: true });
const title = (page) => page.getByLabel("Scenario").evaluate((select) => select.selectedOptions[0].text);

/** Drags files over an element and drops them, as the browser does. */
function drop(page, selector, given) {
  return page.evaluate(([selector, given]) => {
    const transfer = new DataTransfer();
    for (const [name, text] of given) transfer.items.add(new File([text], name));
    const target = document.querySelector(selector);
    const send = (kind) => target.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    send("dragenter");
    send("dragover");
    const covered = new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(document.querySelector(".drop-overlay") !== null))));
    return covered.then((covered) => {
      send("drop");
      return covered;
    });
  }, [selector, given]);
}

/** A tar file. */
function tar(entries) {
  const blocks = entries.flatMap(([name, text]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write(`${text.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        0", 148);
    header.write("ustar\0", 257);
    const sum = header.reduce((sum, byte) => sum + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const content = Buffer.alloc(Math.ceil(text.length / 512) * 512);
    content.write(text);
    return [header, content];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

describe("imported files", () => {
  test("are added to the open ones, or open as a workspace, and both can be undone", async () => {
    const page = await open();
    const scenarioTitle = await title(page);
    const before = await names(page);
    await chooseFiles(page, [before[0], "# replaced\n"], ["new.yml", "# new\n"]);
    await dialog(page).getByText("name in use").waitFor();
    await button(page, "Add to the open files").click();
    await line(page, "# replaced").waitFor();
    assert.deepEqual(await names(page), [...before, "new.yml"]);
    assert.equal(await title(page), scenarioTitle);
    await button(page, "Undo").click();
    await page.waitForFunction((count) => document.querySelectorAll("[role=tablist][aria-label=Files] [role=tab]").length === count, before.length);
    assert.equal(await line(page, "# replaced").count(), 0);

    await chooseFiles(page, [before[0], "# kept both\n"]);
    await dialog(page).getByRole("checkbox").uncheck();
    await button(page, "Add to the open files").click();
    await line(page, "# kept both").waitFor();
    assert.deepEqual(await names(page), [...before, `2-${before[0]}`]);
  });

  test("with the name of a scenario's file leave nothing of the scenario", async () => {
    const page = await open();
    const [name] = await names(page);
    const before = await title(page);
    await importFiles(page, [name, "# mine\n"]);
    await line(page, "# mine").waitFor();
    assert.equal(await title(page), "Your own files");
    assert.deepEqual(await names(page), [name]);
    await stored(page, "# mine");
    await button(page, "Undo").click();
    await page.waitForFunction((title) => document.querySelector("[aria-label=Scenario]").selectedOptions[0].text === title, before);
  });

  test("are dropped anywhere, also on the editor", async () => {
    const page = await open();
    assert.equal(await drop(page, ".cm-content", [["a.yml", "# dropped\n"], ["photo.png", "\0\x01"]]), true);
    await dialog(page).getByText("photo.png is not text and is skipped.").waitFor();
    assert.equal(await line(page, "# dropped").count(), 0);
    assert.equal(await page.locator(".drop-overlay").count(), 0);
    assert.deepEqual(await violations(page), []);
    // The focus is on the choice, not on the button that closes the dialog.
    await page.waitForFunction(() => document.activeElement?.textContent === "Open as a new workspace");
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    assert.equal(await drop(page, "#results", [["a.yml", "# dropped\n"]]), true);
    await button(page, "Open as a new workspace").click();
    await line(page, "# dropped").waitFor();
  });

  test("are pasted as text, on the page and in the dialog", async () => {
    const page = await open();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData("text/plain", "groups: []\n");
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await dialog(page).locator("code", { hasText: "rules.yml" }).waitFor();
    await button(page, "Cancel").click();
    await page.getByRole("button", { name: "Import", exact: true }).press("Enter");
    assert.deepEqual(await violations(page), []);
    await page.getByLabel("Or paste text").fill("scrape_configs: [] # pasted\n");
    await button(page, "Read the text").press("Enter");
    await dialog(page).locator("code", { hasText: "prometheus.yml" }).waitFor();
    await button(page, "Open as a new workspace").press("Enter");
    await line(page, "# pasted").waitFor();
  });

  test("of an archive stay inside of it", async () => {
    const page = await open();
    const archive = gzipSync(tar([["conf/prometheus.yml", "# packed\n"], ["../out.yml", "a"], ["conf/main.go", "b"]]));
    await chooseFiles(page, ["conf.tgz", archive], ["rules.yml.gz", gzipSync("groups: []\n")]);
    await dialog(page).getByText("The file ../out.yml of an archive is skipped").waitFor();
    await dialog(page).getByText("The file conf/main.go of a folder or archive is skipped").waitFor();
    await button(page, "Open as a new workspace").click();
    await line(page, "# packed").waitFor();
    assert.deepEqual(await names(page), ["conf/prometheus.yml", "rules.yml"]);
  });

  test("of an archive that grows beyond the limit are not read", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.getByLabel("Files to import").setInputFiles([{ name: "a.gz", mimeType: "application/gzip", buffer: gzipSync(Buffer.alloc(80 << 20)) }]);
    await dialog(page).getByText("The files exceed the limit of 1000 files and 64 MB.").waitFor();
    await dialog(page).getByText("There is nothing to import.").waitFor();
  });

  test("fit on a phone", async () => {
    const page = await open({ width: 390, height: 760, dark: true });
    await page.getByRole("button", { name: /^Workspaces/ }).click();
    await page.getByRole("button", { name: "Import files…" }).click();
    assert.deepEqual(await violations(page), []);
    await dialog(page).locator("summary", { hasText: "From a live Prometheus" }).click();
    await page.getByLabel("Files to import").setInputFiles([{ name: "a.yml", mimeType: "text/yaml", buffer: Buffer.from("# small\n") }]);
    await button(page, "Open as a new workspace").waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wide, false);
    await button(page, "Open as a new workspace").click();
    await line(page, "# small").waitFor();
  });
});

/** The labels of a target before relabeling, with the defaults of its job. */
const labels = (own) => ({
  __scheme__: "http", __metrics_path__: "/metrics", __scrape_interval__: "15s", __scrape_timeout__: "10s",
  __always_scrape_classic_histograms__: "false", __convert_classic_histograms_to_nhcb__: "false",
  __scrape_native_histograms__: "false", job: "shops", ...own,
});
const CONFIG = `scrape_configs:
- job_name: shops
  scrape_interval: 15s
  scrape_timeout: 10s
  consul_sd_configs:
  - server: http://admin:xxxxx@consul:8500
  relabel_configs:
  - source_labels: [__meta_consul_dc]
    separator: ;
    target_label: dc
    replacement: $1
    action: replace
`;
const SHOP = labels({ __address__: "10.0.0.7:9100", __meta_consul_dc: "east" });
const step = { rule: { source_labels: ["__meta_consul_dc"], separator: ";", regex: "(.*)", target_label: "dc", replacement: "$1", action: "replace" }, output: { ...SHOP, dc: "east" }, keep: true };
const ANSWERS = {
  "status/config": { yaml: CONFIG },
  targets: {
    activeTargets: [{ discoveredLabels: SHOP, labels: { dc: "east", instance: "10.0.0.7:9100", job: "shops" }, scrapePool: "shops", scrapeUrl: "http://10.0.0.7:9100/metrics", health: "up", lastScrape: "2026-11-30T12:00:00.25Z", lastScrapeDuration: 0.012, lastError: "", scrapeInterval: "15s", scrapeTimeout: "10s" }],
    droppedTargets: [], droppedTargetCounts: { shops: 0 },
  },
  "targets/relabel_steps": { steps: [step] },
  "status/flags": { "config.file": "/etc/prometheus/prometheus.yml", "web.enable-lifecycle": "true" },
  "status/buildinfo": { version: "3.14.0" },
  "status/runtimeinfo": { hostname: "prom-7" },
  rules: { groups: [] },
  alerts: { alerts: [] },
  metadata: { shop_orders: [{ type: "counter", help: "Orders.", unit: "" }] },
};

describe("a live Prometheus", () => {
  let server, folder, bundle;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "bundle-"));
    // A server of a version without the path `features`, behind a password.
    server = createServer((request, response) => {
      const data = ANSWERS[new URL(request.url, "http://x").pathname.replace("/api/v1/", "")];
      if (!data || request.headers.authorization !== `Basic ${Buffer.from("u:p").toString("base64")}`) return response.writeHead(404).end();
      response.end(JSON.stringify({ status: "success", data }));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${server.address().port}`;
    await promisify(execFile)("sh", [join(root, "static/bundle.sh"), url, "-u", "u:p"], { cwd: folder });
    bundle = await readFile(join(folder, "prometheus-bundle.json"), "utf8");
  });

  after(async () => {
    server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  test("becomes a workspace by one file, and is compared with", async () => {
    const answers = JSON.parse(bundle);
    assert.equal(answers.features, null);
    const page = await open();
    await chooseFiles(page, ["prometheus-bundle.json", bundle]);
    await dialog(page).getByText("Credentials in URLs and parameters were taken out.").waitFor();
    await button(page, "Open as a new workspace").click();
    await page.getByRole("button", { name: /^Workspaces, Prometheus 3\.14\.0 on prom-7/ }).waitFor();
    assert.deepEqual(await names(page), ["prometheus.yml", "consul_sd_configs/shops.yml", "prometheus.args", "prometheus-answers.json"]);
    await line(page, "server: http://consul:8500").waitFor();
    await page.locator("#tab-targets").click();
    const compared = page.getByRole("region", { name: "Comparison with the server" });
    // Without jq the script leaves the steps out.
    await compared.getByText(answers.relabel_steps
      ? "1 of 1 target are equal here, and the relabeling of 1 of 1 target."
      : "1 of 1 target are equal here.").waitFor();
    const row = page.locator(".card[aria-label=shops]");
    await row.getByText("prom-7 said: UP at 2026-11-30T12:00:00Z, after a scrape of 12 ms. Its answers have no samples.").waitFor();
    assert.equal(await row.locator("td .st").textContent(), "UNKNOWN");
    assert.deepEqual(await violations(page), []);
    await page.getByText("target_label: dc").click();
    await page.keyboard.press("End");
    await page.keyboard.type("x");
    await compared.getByText("dcx").first().waitFor();
  });

  test("goes into a link only when asked for", async () => {
    const page = await open();
    await importFiles(page, ["b.json", bundle]);
    await button(page, "Share").click();
    await dialog(page).getByRole("heading", { name: "Share data of a live system?" }).waitFor();
    assert.deepEqual(await violations(page), []);
    await button(page, "Cancel").click();
    assert.equal(new URL(page.url()).hash, "");
    await button(page, "Share").click();
    await button(page, "Continue").click();
    await button(page, "Copy the link").click();
    await page.waitForFunction(() => location.hash.startsWith("#w="));
  });

  test("is described by the dialog, with the script", async () => {
    const page = await open();
    await button(page, "Import").click();
    await dialog(page).locator("summary", { hasText: "From a live Prometheus" }).press("Enter");
    const script = await dialog(page).getByLabel("The script").textContent();
    assert.equal(script, await readFile(join(root, "static/bundle.sh"), "utf8"));
    const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Download the script").click()]);
    assert.equal(download.suggestedFilename(), "bundle.sh");
  });
});

const targets = (...hosts) => `scrape_configs:\n- job_name: a\n  scrape_interval: 5s\n  static_configs: [{targets: [${hosts.map((host) => `'${host}'`)}]}]\n`;

describe("targets outside of a cluster", () => {
  test("are services of a Compose file", async () => {
    const page = await open();
    const compose = "services:\n  node-exporter: {image: 'prom/node-exporter:v1.8'}\n  app: {image: 'acme/app'}\n  prometheus: {image: prom/prometheus}\n";
    await importFiles(page, ["compose.yaml", compose], ["prometheus.yml", targets("node-exporter:9100", "app:80", "localhost:9100")]);
    assert.equal(await files(page).and(page.locator("[aria-selected=true]")).first().textContent().then((name) => name.startsWith("prometheus.yml")), true);
    await page.locator("#tab-targets").click();
    await shown(page);
    for (let n = 0; n < 6; n++) await page.getByRole("button", { name: "1 scrape", exact: true }).click();
    await page.getByRole("row", { name: /node-exporter:9100.*UP/ }).waitFor();
    await page.getByText("No program is known for the image acme/app of the service app.").waitFor();
    await page.getByText("dial tcp [::1]:9100: connect: connection refused").waitFor();
  });

  test("answer with a pasted body, whose counters move", async () => {
    const page = await open();
    await importFiles(page, ["prometheus.yml", targets("shop.example.com:80")]);
    await page.locator("#tab-targets").click();
    await button(page, "Paste its metrics").click();
    await line(page, "# for: address=shop.example.com:80").waitFor();
    await page.locator(".cm-content").focus();
    await page.keyboard.press("Control+End");
    await page.keyboard.insertText("# TYPE orders_total counter\norders_total 7200\n");
    await settled(page);
    await page.locator("#tab-targets").click();
    for (let n = 0; n < 6; n++) await page.getByRole("button", { name: "1 scrape", exact: true }).click();
    await page.getByRole("row", { name: /shop\.example\.com.*UP/ }).waitFor();
    await page.locator("#tab-query").click();
    const query = page.locator("#results .cm-content").first();
    await query.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("increase(orders_total[20s]) > 0");
    await page.keyboard.press("Enter");
    await page.locator("#results").getByText("shop.example.com:80").first().waitFor();
  });
});
