// The picture of the cluster, its table, and what pods in trouble say.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { replace, scenario, site } from "./harness.mjs";

const open = site();

describe("the cluster", () => {
  for (const label of ["Populare", "Jewelry shop"]) {
    test(`of ${label} is drawn, and said as a table`, async () => {
      const page = await open();
      await scenario(page, label);
      await page.locator("#tab-cluster").click();
      const table = page.locator(".cluster-table");
      await table.waitFor();
      const drawn = await page.locator("svg.cluster .node").count();
      assert.ok(drawn >= 20, `${drawn} objects`);
      assert.equal(await table.locator("tbody tr").count(), drawn);
      // No card lies on another, and no drawn label on its neighbour.
      const touching = await page.locator("svg.cluster").evaluate((svg) => {
        const boxes = (which) => [...svg.querySelectorAll(which)].map((one) => one.getBoundingClientRect());
        const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
        const cards = boxes(".node > rect:first-of-type");
        const labels = boxes(".edge text").filter((box) => box.width > 0);
        const both = (list, other) => list.some((a, i) => other.some((b, j) => (list !== other || i < j) && meet(a, b)));
        return [both(cards, cards), both(labels, labels), both(labels, cards)];
      });
      assert.deepEqual(touching, [false, false, false]);
      // At the pane's usual width nothing is out of sight to the right.
      const hidden = await page.locator(".cluster-picture").evaluate((box) => box.scrollWidth - box.clientWidth);
      assert.ok(hidden <= 0, `${hidden} pixels are hidden`);
      await page.locator("svg.cluster .node.link", { hasText: "ClusterRoleBinding" }).first().click();
      await page.locator(".cm-line", { hasText: "ClusterRoleBinding" }).first().waitFor();
    });
  }

  test("has a broken reference in its picture and its table", async () => {
    const page = await open();
    await page.locator("#tab-cluster").click();
    await page.getByText("0 in trouble").waitFor();
    const rows = page.locator("#results table tbody tr");
    assert.ok((await rows.count()) >= 4);
    await page.getByRole("tab", { name: "prometheus-deploy.yaml" }).click();
    await replace(page, "            name: prometheus-config", "            name: prometheus-conf");
    await page.locator("#results", { hasText: 'configmap "prometheus-conf" not found' }).waitFor();
    assert.equal(await page.getByText("0 in trouble").count(), 0);
    // The long reason leaves the names their room.
    const widths = await page.locator(".cluster-table th").evaluateAll((all) => all.map((one) => one.clientWidth));
    assert.ok(Math.min(...widths) > 120, `columns of ${widths} pixels`);
  });

  test("leads from an object of its table to the manifest", async () => {
    const page = await open();
    await page.locator("#tab-cluster").click();
    await page.locator("#results table").getByRole("button", { name: /proxy-service/ }).first().click();
    assert.equal(await page.getByRole("tab", { name: /proxy\.yaml/ }).getAttribute("aria-selected"), "true");
  });
});
