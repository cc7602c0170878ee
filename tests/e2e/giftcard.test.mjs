// The giftcard system from edit to consequence, and through simulated time.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { editorComplete, replace, scrape, settled, shown, site } from "./harness.mjs";

const open = site();

const row = (page) => page.locator(".card[aria-label=proxy-job] tbody tr").first();

describe("a configuration inside a ConfigMap", () => {
  test("has its mistakes underlined where they stand, with a fix", async () => {
    const page = await open();
    await replace(page, "scrape_interval", "scrape_intervall");
    await page.locator(".cm-lintRange-error", { hasText: "scrape_intervall" }).waitFor();
    const problem = page.locator(".prob", { hasText: "scrape_intervall" }).first();
    assert.match(await problem.locator(".where").textContent(), /prometheus\.yaml:9/);
    await problem.getByRole("button", { name: /scrape_interval/ }).last().click();
    await page.locator(".cm-lintRange-error").waitFor({ state: "detached" });
    await page.locator(".cm-line", { hasText: /scrape_interval: 15s/ }).waitFor();
  });

  test("is completed and explained like a bare one", async () => {
    const page = await open();
    await page.locator(".cm-line", { hasText: "metrics_path" }).click();
    await page.locator("#tab-explain").click();
    await page.locator(".explain-title", { hasText: "metrics_path" }).waitFor();
    await page.locator(".cm-content").focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await editorComplete(page);
    await page.keyboard.type("honor_l");
    await page.locator(".cm-completionLabel", { hasText: "honor_labels" }).first().click();
    await page.locator(".cm-line", { hasText: "honor_labels:" }).waitFor();
    await page.locator(".cm-line", { hasText: "job_name" }).locator("span", { hasText: "job_name" }).first().hover();
    await page.locator(".cm-tooltip", { hasText: "job_name" }).waitFor();
  });

  test("has notes at the end of its lines, which can be switched off", async () => {
    const page = await open();
    const note = page.locator(".cm-note", { hasText: "scrape every 15s" });
    await note.waitFor();
    await page.keyboard.press("Alt+n");
    await note.waitFor({ state: "hidden" });
  });
});

describe("a consequence", () => {
  for (const { what, file = "prometheus.yaml", from, to, error, reason, place } of [
    { what: "a name without a Service", from: "proxy-service:8080", to: "proxy-servise:8080", error: /lookup proxy-servise.* no such host/, reason: /proxy-servise/ },
    { what: "a wrong port", from: "proxy-service:8080", to: "proxy-service:8081", error: /context deadline exceeded/, reason: /8081/, place: "proxy.yaml" },
    { what: "a wrong path", from: "'/metrics'", to: "'/metricz'", error: /server returned HTTP status 404 Not Found/, reason: /has its metrics at \/metrics/, place: "prometheus.yaml" },
    { what: "a selector without pods", file: "proxy.yaml", from: "app: proxy\n  ports", to: "app: other\n  ports", error: /connection refused/, reason: /no pod/i, place: "proxy.yaml" },
    { what: "another container port", file: "proxy.yaml", from: "containerPort: 8080", to: "containerPort: 8081", error: /connection refused/, reason: /8080|8081/, place: "proxy.yaml" },
  ]) {
    test(`of ${what} turns the target DOWN and says why`, async () => {
      const page = await open();
      await scrape(page, 2);
      await row(page).getByText("UP", { exact: true }).waitFor();
      await page.getByRole("tab", { name: file }).click();
      await replace(page, from.replace("\n", "\\n"), to.replace("\n", "\\n"));
      await scrape(page, 2);
      const card = page.locator(".card[aria-label=proxy-job]");
      await card.getByText("DOWN", { exact: true }).waitFor();
      assert.match(await card.textContent(), error);
      assert.match(await card.textContent(), reason);
      if (place) {
        await card.locator(".why .text-link").first().click();
        assert.equal(await page.getByRole("tab", { name: place }).getAttribute("aria-selected"), "true");
        await page.locator(".cm-content:focus").waitFor();
      }
    });
  }

  test("of another ConfigMap's name stops Prometheus itself", async () => {
    const page = await open();
    await scrape(page, 2);
    await page.getByRole("tab", { name: "prometheus-deploy.yaml" }).click();
    await replace(page, "            name: prometheus-config", "            name: prometheus-conf");
    await page.getByText('configmap "prometheus-conf" not found').first().waitFor();
  });
});

describe("simulated time", () => {
  test("raises the counter by a gift without a recipient, and a restart resets it", async () => {
    const page = await open();
    const counter = page.locator(".sparkline-card").first().locator(".now");
    const rate = page.locator(".sparkline-card").nth(1).locator(".now");
    await scrape(page, 3);
    await counter.getByText("0", { exact: true }).waitFor();
    for (let i = 0; i < 3; i++) await page.getByRole("button", { name: "Gift a card" }).click();
    await scrape(page);
    await page.waitForFunction(() => document.querySelector(".sparkline-card .now").textContent === "3");
    assert.notEqual(await rate.textContent(), "0");

    await page.locator("#tab-metrics").click();
    await page.getByText(/^database_error_return_404_total/).first().waitFor();
    await page.locator("#tab-query").click();
    await page.locator("canvas").first().waitFor();

    await page.locator("#tab-targets").click();
    await page.getByRole("button", { name: "Restart proxy" }).click();
    // One more, and the window of a minute would not hold the rise any longer.
    await scrape(page, 2);
    await page.waitForFunction(() => document.querySelector(".sparkline-card .now").textContent === "0");
    // The reset is no decrease: what was counted before it still counts.
    assert.ok(Number(await rate.textContent()) > 0);
  });

  test("plays and pauses", async () => {
    const page = await open();
    const clock = page.locator(".clock-bar output").first();
    const before = await clock.textContent();
    await page.keyboard.press("Alt+p");
    await page.waitForFunction((text) => {
      const found = document.querySelector(".clock-bar output");
      return found.textContent !== text;
    }, before);
    await page.keyboard.press("Alt+p");
    await page.getByRole("button", { name: "Play", exact: true }).waitFor();
    await settled(page);
    const paused = await clock.textContent();
    await page.locator("#tab-cluster").click();
    await shown(page);
    await settled(page);
    assert.equal(await clock.textContent(), paused);
  });
});
