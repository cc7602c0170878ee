// Newcomers' scripts: each walks a lesson as a person would. lessons.test.mjs walks three more: one on a
// desktop, one on a phone, and one with the keyboard only.
import { describe, test } from "node:test";
import { editorComplete, replace, scrape, settled, site } from "./harness.mjs";

const open = site();
const pane = (page) => page.getByRole("region", { name: "Lesson", exact: true });
const solved = (page) => pane(page).getByRole("heading", { name: "Solved" }).waitFor({ state: "attached" });
const side = (page, name) => page.getByRole("navigation", { name: "Editor or results" }).getByRole("button", { name, exact: true }).click();

/** Presses Tab until an element has the focus. */
async function reach(page, locator, key = "Tab") {
  for (let n = 0; n < 120; n++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error("the keyboard does not reach it");
}

/** The ways in which a person works: each has the steps of the scripts. */
const desktop = {
  edit: replace,
  scrape,
  choose: (page, text) => pane(page).getByText(text, { exact: true }).click(),
  send: (page, at) => pane(page).getByRole("button", { name: "Answer" }).nth(at).click(),
  command: async (page, line) => {
    await page.keyboard.press("Control+`");
    await page.getByRole("textbox", { name: /command/i }).last().fill(line);
    await page.keyboard.press("Enter");
  },
};

const phone = {
  ...desktop,
  edit: async (page, from, to) => {
    await side(page, "Editor");
    await replace(page, from, to);
    await settled(page);
    await side(page, "Lesson");
  },
};

const keyboard = {
  edit: async (page, from, to) => {
    await editorComplete(page);
    await page.keyboard.press("Alt+e");
    await page.keyboard.press("Control+f");
    const field = (name) => page.locator(`.cm-search [name=${name}]`);
    await reach(page, field("search"));
    await page.keyboard.type(from);
    await reach(page, field("replace").first());
    await page.keyboard.type(to);
    await reach(page, field("replaceAll"));
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
  },
  scrape: async (page, times) => {
    for (let n = 0; n < times; n++) await page.keyboard.press("Alt+s");
  },
  choose: async (page, text) => {
    const choice = pane(page).getByLabel(text, { exact: true });
    await choice.focus();
    await page.keyboard.press("Space");
  },
  send: async (page, at) => {
    await reach(page, pane(page).getByRole("button", { name: "Answer" }).nth(at));
    await page.keyboard.press("Enter");
  },
};

/** Name, title, way, and the steps: [step, ...arguments]. */
const SCRIPTS = [
  ["mount-path", "Where a volume is mounted", desktop, ["edit", "mountPath: /etc/prom/", "mountPath: /etc/prometheus/"], ["scrape", 2]],
  ["namespaces", "Names in another namespace", desktop, ["edit", "'proxy-service:8080'", "'proxy-service.shop:8080'"], ["scrape", 2]],
  ["content-type", "An answer of an unknown type", desktop, ["edit", "metrics_path: '/metrics'", "fallback_scrape_protocol: PrometheusText0.0.4"], ["scrape", 4]],
  ["rbac", "Discovery needs rights", desktop, ["edit", "namespace: monitoring", "namespace: default"], ["scrape", 2]],
  ["localhost", "localhost is the pod itself", phone, ["edit", "localhost:8080", "proxy-service:8080"], ["scrape", 3]],
  ["relabel-or-metric-relabel", "relabel or metric_relabel?", phone, ["edit", "        relabel_configs:", "        metric_relabel_configs:"], ["scrape", 24]],
  ["reach", "Who can reach Prometheus?", phone, ["edit", "type: NodePort", "type: ClusterIP"], ["scrape", 2]],
  ["url-in-targets", "A target is host and port", keyboard, ["edit", "http://proxy-service:8080/metrics", "proxy-service:8080"], ["scrape", 2]],
  ["deadline", "Context deadline exceeded", keyboard, ["edit", "'proxy-service:8000'", "'proxy-service:8080'"], ["choose", "The Service does not have the port."], ["send", 0], ["scrape", 2]],
];

describe("newcomers", () => {
  for (const [name, title, way, ...steps] of SCRIPTS) {
    const on = way === desktop ? "on a desktop" : way === phone ? "on a phone" : "with the keyboard only";
    test(`walk “${title}” ${on}`, async () => {
      const size = way === phone ? { width: 390, height: 844 } : {};
      const page = await open({ at: `?lesson=${name}`, ...size });
      await pane(page).getByRole("heading", { name: title }).waitFor();
      await settled(page);
      for (const [step, ...args] of steps) {
        await way[step](page, ...args);
        await settled(page);
      }
      await solved(page);
    });
  }
});
