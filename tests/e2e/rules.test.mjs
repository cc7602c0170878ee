// The cluster's picture and the rules, as a person meets them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, open, replace, serve } from "./harness.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

async function choose(page, title) {
  await page.getByLabel("Scenario").selectOption({ label: title });
  await page.getByLabel("Scenario").and(page.locator(":not([disabled])")).waitFor();
}

async function scrapes(page, times) {
  for (let i = 0; i < times; i++) await page.getByRole("button", { name: "1 scrape", exact: true }).click();
}

describe("rules", () => {
  test("of a mounted ConfigMap are evaluated, and an alert fires when its target is down", async () => {
    const page = await open(browser, server.url);
    await choose(page, "Wiki chart");
    await page.locator("#tab-rules").click();
    await page.getByText("job:users_created:rate5m").waitFor();
    await page.getByText("NoUsersCreated").waitFor();
    await page.getByRole("tab", { name: "prometheus-configmap.yaml" }).click();
    await replace(page, "wiki-chart-fastapi:8000", "wiki-chart-fastapj:8000");
    await scrapes(page, 16);
    const alert = page.locator(".card", { hasText: "TargetDown" });
    await alert.getByText("firing").first().waitFor();
    await alert.getByText("wiki-chart-fastapj:8000 of job fastapi does not answer.").waitFor();
    await page.context().close();
  });
});

describe("the cluster", () => {
  test("is a picture and a table, and a broken reference shows in both", async () => {
    const page = await open(browser, server.url);
    await page.locator("#tab-cluster").click();
    await page.getByText("0 in trouble").waitFor();
    const rows = page.locator("#results table tbody tr");
    assert.ok((await rows.count()) >= 4);
    await page.getByRole("tab", { name: "prometheus-deploy.yaml" }).click();
    await replace(page, "            name: prometheus-config", "            name: prometheus-conf");
    await page.locator("#results", { hasText: 'configmap "prometheus-conf" not found' }).waitFor();
    assert.equal(await page.getByText("0 in trouble").count(), 0);
    await page.context().close();
  });

  test("leads from an object to its manifest", async () => {
    const page = await open(browser, server.url);
    await page.locator("#tab-cluster").click();
    await page.locator("#results table").getByRole("button", { name: /proxy-service/ }).first().click();
    assert.equal(await page.getByRole("tab", { name: /proxy\.yaml/ }).getAttribute("aria-selected"), "true");
    await page.context().close();
  });
});

describe("discovery", () => {
  test("tells a rule's targets, and what an edit of the rules would change", async () => {
    const page = await open(browser, server.url);
    await choose(page, "Populare");
    await page.locator("#tab-discovery").click();
    await page.getByLabel("Job").selectOption("kubernetes-service-endpoints");
    await page.getByText("drop where __meta_kubernetes_service_name matches prometheus").first().waitFor();
    await page.context().close();
  });

  test("needs no manifests where labels and rules are pasted", async () => {
    const page = await open(browser, server.url);
    await page.locator("#tab-discovery").click();
    await page.getByRole("button", { name: "Try rules on labels" }).click();
    await page.locator("#results textarea").first().waitFor();
    await page.context().close();
  });
});
