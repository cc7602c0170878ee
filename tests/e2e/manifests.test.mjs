// What the API server says of a manifest: in the list of problems, and on the pages Explain and Cluster.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { replace, site } from "./harness.mjs";

const open = site();

describe("a manifest", () => {
  test("that the API server refuses has its words, and is not in the cluster", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "prometheus-deploy.yaml" }).click();
    await replace(page, "replicas: 1", "replica: 1");
    const problem = page.locator(".prob", { hasText: 'strict decoding error: unknown field "spec.replica"' });
    await problem.waitFor();
    assert.equal(await problem.locator(".grade").textContent(), "the API server refuses this");
    await page.locator("#tab-cluster").click();
    const refused = page.locator("section.card", { hasText: "Refused by the API server" });
    await refused.getByText('unknown field "spec.replica"').waitFor();
    // The fix restores the field, and the object is accepted again.
    await problem.locator(".fixes button", { hasText: "replicas" }).click();
    await refused.waitFor({ state: "detached" });
    assert.equal(await problem.count(), 0);
  });

  test("is shown as it is stored, with the defaults marked", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "prometheus-deploy.yaml" }).click();
    await page.locator("#tab-explain").click();
    await page.locator(".cm-line", { hasText: "kind: Deployment" }).first().click();
    const line = page.locator(".stored .filled", { hasText: "terminationGracePeriodSeconds: 30" });
    await line.waitFor();
    assert.equal(await line.locator(".by").textContent(), "default");
    assert.match(await line.locator(".because").textContent(), /SIGKILL/);
    const written = page.locator(".stored li:not(.filled)", { hasText: "kind: Deployment" });
    assert.equal(await written.getByRole("button").count(), 1);
  });
});
