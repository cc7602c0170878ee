// Measures the release build in Chromium:
//   load   what a visitor waits for, see measure_load.mjs
//   keys   the round trip of a keystroke to the worker for 1,000 and 10,000 lines
//   day    a simulated day of 100 targets with 500 series each
//   pages  tasks of the main thread over 50 ms on every page, with large inputs
//   apply  84 manifests, applied afresh and after an edit of each of them
// `make measure` runs all parts; `node scripts/measure.mjs PART ...` runs some.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { launch, open, ready, root, serve, settled, shown } from "../tests/e2e/harness.mjs";
import { load } from "./measure_load.mjs";

const wanted = process.argv.slice(2);
const asked = (name) => wanted.length === 0 || wanted.includes(name);

/** In the page: every round trip to the worker, and every task longer than 50 ms. */
function watch() {
  window.trips = [];
  window.tasks = [];
  // Of shorter messages nothing is noted: an edit brings the whole text, a question does not.
  window.least = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.tasks.push(entry.duration);
  }).observe({ type: "longtask", buffered: true });
  const Plain = window.Worker;
  window.Worker = class extends Plain {
    constructor(...all) {
      super(...all);
      this.addEventListener("message", () => {
        if (this.sent && this.bytes >= window.least) window.trips.push(performance.now() - this.sent);
        this.sent = undefined;
      });
    }
    postMessage(message) {
      this.sent = performance.now();
      this.bytes = message.byteLength;
      super.postMessage(message);
    }
  };
}

/** Opens the page with these files as the work that an earlier visit has left. */
async function work(browser, url, files) {
  const kept = { scenario: "", files: files.map(([name, text], at) => ({ id: at + 1, name, text })), active: 1 };
  const page = await open(browser, url, {
    before: async (page) => {
      await page.addInitScript(watch);
      await page.addInitScript((json) => localStorage.setItem("playground.work", json), JSON.stringify(kept));
    },
  });
  await settled(page);
  return page;
}

const middle = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const most = (numbers) => numbers.reduce((a, b) => Math.max(a, b), 0);
const tasksOf = (tasks) =>
  `${tasks.length} tasks of the page over 50 ms${tasks.length ? `, the longest ${ms(most(tasks))}` : ""}`;
const ms = (number) => `${number.toFixed(1)} ms`;

function configuration(lines) {
  let text = "# here\nglobal:\n  scrape_interval: 15s\nscrape_configs:\n";
  for (let job = 0; text.split("\n").length < lines; job += 1) {
    text += `  - job_name: 'job-${job}'   # the ${job}th\n    metrics_path: /metrics/${job}\n    static_configs:\n` +
      `      - targets:\n          - host-${job}:9100\n          - 'host-${job}:9200'\n        labels:\n          team: web\n` +
      "    relabel_configs:\n      - source_labels: [__address__, team]\n        separator: ';'\n" +
      `        regex: (.+);(.+)${job}\n        target_label: app\n        replacement: $1\n        action: replace\n`;
  }
  return text;
}

async function keys(browser, url) {
  for (const lines of [1_000, 10_000]) {
    const page = await work(browser, url, [["prometheus.yml", configuration(lines)]]);
    await page.locator(".cm-content").click();
    // Within the comment, so that the text stays sound: a broken one is another matter.
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("End");
    await page.keyboard.type(" ");
    await settled(page);
    await page.evaluate(() => {
      window.trips = [];
      window.tasks = [];
      window.least = 10_000;
    });
    const trips = [];
    for (let key = 0; key < 30; key += 1) {
      await page.keyboard.type("x");
      await page.waitForFunction((count) => window.trips.length > count, trips.length);
      await settled(page);
      trips.splice(0, trips.length, ...(await page.evaluate(() => window.trips)));
    }
    const tasks = await page.evaluate(() => window.tasks);
    console.log(`keystroke, ${lines} lines: ${ms(middle(trips))} to the worker and back (the longest ${ms(most(trips))}); ` +
      tasksOf(tasks));
    await page.context().close();
  }
}

/** A hundred pods that expose what the benchmark's programs do. */
function system() {
  const rust = readFileSync(join(root, "benches/simulation_data/mod.rs"), "utf8");
  const workload = rust.slice(rust.indexOf('r#"') + 3, rust.indexOf('"#;')).replace(
    '"title": "Measured",', '"title": "Measured", "matches": [{ "image": "example/web" }],');
  const config = "global:\n  scrape_interval: 15s\nscrape_configs:\n  - job_name: web\n    kubernetes_sd_configs:\n      - role: pod\n";
  const deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 100\n  selector: {matchLabels: {app: web}}\n" +
    "  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n        - name: web\n          image: example/web:1\n" +
    "          ports: [{containerPort: 8080}]\n";
  const node = "---\napiVersion: v1\nkind: Node\nmetadata: {name: big}\nstatus: {allocatable: {cpu: '500', memory: 4Ti, pods: '500'}}\n";
  return [["prometheus.yml", config], ["web.yaml", deployment + node], ["workloads/web.yaml", workload]];
}

async function day(browser, url) {
  const page = await work(browser, url, system());
  await page.locator("#tab-targets").click();
  await page.getByLabel("Advance by").selectOption({ label: "1 minute" });
  await settled(page);
  const before = await page.evaluate(() => {
    window.tasks = [];
    window.trips = [];
    return performance.now();
  });
  await page.getByLabel("Advance by").selectOption({ label: "1 day" });
  const run = page.getByRole("region", { name: "Simulating" });
  await run.waitFor();
  const other = performance.now();
  await page.locator("#tab-query").click();
  await page.locator(".legend span, .graph-controls").first().waitFor();
  console.log(`another page is answered during the run after ${ms(performance.now() - other)}`);
  await page.locator("#tab-explain").click();
  await shown(page);
  const switching = await page.evaluate(() => window.tasks.splice(0));
  console.log(`going to that page and away: ${tasksOf(switching)}`);
  await run.waitFor({ state: "detached", timeout: 600_000 });
  const [after, tasks, trips] = await page.evaluate(() => [performance.now(), window.tasks, window.trips]);
  await page.getByRole("button", { name: "Events…" }).click();
  const stored = await page.getByText(/samples of .* series/).last().textContent();
  console.log(`a day of 100 targets: ${((after - before) / 1000).toFixed(1)} s; ${stored} ${trips.length} slices, the longest ${ms(most(trips))}, ` +
    `half of them under ${ms(middle(trips))}; ${tasksOf(tasks)}`);
  await page.context().close();
}

/** Large inputs for every page: 10,000 lines, some thousand targets, a long body, a thousand series. */
function large() {
  const targets = Array.from({ length: 5_000 }, (_, at) => `          - host-${at}:9100\n`).join("");
  const many = `  - job_name: many\n    static_configs:\n      - targets:\n${targets}`;
  const body = Array.from({ length: 300 }, (_, family) =>
    `# HELP family_${family}_total Of many.\n# TYPE family_${family}_total counter\n` +
      Array.from({ length: 20 }, (_, at) => `family_${family}_total{code="${at}",handler="/a/${at}"} ${at}\n`).join("")).join("");
  const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: example/web:1\n" +
    "      ports: [{containerPort: 8080}]\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  clusterIP: None\n  ports: [{port: 8080}]\n";
  const pods = "  - job_name: pods\n    kubernetes_sd_configs:\n      - role: pod\n";
  return [["prometheus.yml", configuration(5_000) + many + pods], ["web.yaml", pod], ["web.prom", body]];
}

/** Lets the page do something, and says which of its tasks were long. */
async function step(page, name, act) {
  await page.evaluate(() => window.tasks.splice(0));
  await act();
  await shown(page);
  await settled(page);
  // Long lists are rendered block by block; long tasks are reported after they end.
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1_000 })));
  console.log(`${name}: ${tasksOf(await page.evaluate(() => window.tasks.splice(0)))}`);
}

async function pages(browser, url) {
  const page = await work(browser, url, large());
  const tabs = await page.locator("[id^=tab-]").evaluateAll((all) => all.map((one) => one.id));
  for (const tab of tabs) await step(page, tab, () => page.locator(`#${tab}`).click());
  await page.getByLabel("Advance by").selectOption({ label: "1 minute" });
  await settled(page);
  for (const tab of tabs) await step(page, `${tab}, later`, () => page.locator(`#${tab}`).click());
  await page.locator("#tab-query").click();
  for (const answer of ["table", "graph", "explain"]) {
    for (const query of ["up", '{__name__=~"family_.*"}']) {
      await page.locator(`#query-tab-${answer}`).click();
      await page.locator(".query-input .cm-content").click();
      await page.keyboard.press("Control+A");
      await page.keyboard.insertText(query);
      await page.keyboard.press("Escape");
      await step(page, `${answer} of ${query}`, () => page.keyboard.press("Enter"));
    }
  }
  await page.context().close();
}

/** Runs the module of the benchmark in the browser. */
async function apply(browser) {
  const target = "wasm32-unknown-unknown";
  execFileSync("cargo", ["build", "--quiet", "--release", "--target", target, "--example", "session_wasm"], { cwd: root, stdio: "inherit" });
  const module = readFileSync(join(root, `target/${target}/release/examples/session_wasm.wasm`)).toString("base64");
  const script = readFileSync(join(root, "benches/session_data/stack.mjs"), "utf8");
  const page = await browser.newPage();
  const measured = await page.evaluate(
    async ([module, script]) => {
      const bytes = Uint8Array.from(atob(module), (letter) => letter.charCodeAt(0));
      const { instance } = await WebAssembly.instantiate(bytes, {});
      const { measureStack } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
      return measureStack(instance.exports, 40);
    },
    [module, script],
  );
  console.log(`browser ${measured}`);
  await page.close();
}

if (asked("load")) await load();
const server = await serve();
const browser = await launch();
try {
  if (asked("keys")) await keys(browser, server.url);
  if (asked("day")) await day(browser, server.url);
  if (asked("pages")) await pages(browser, server.url);
  if (asked("apply")) await apply(browser);
} finally {
  await browser.close();
  server.stop();
}
