// What the API server says of a manifest: in the list of problems, and on the pages Explain and Cluster.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ready, replace, settled, site, stored } from "./harness.mjs";

const open = site();

describe("a manifest", () => {
  test("that the API server refuses has its words, and the stored object stays", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "prometheus-deploy.yaml" }).click();
    await replace(page, "replicas: 1", "replica: 1");
    const problem = page.locator(".prob", { hasText: 'strict decoding error: unknown field "spec.replica"' });
    await problem.waitFor();
    assert.equal(await problem.locator(".grade").textContent(), "the API server refuses this");
    const bar = page.locator(".apply-bar");
    await bar.getByText("Deployment prometheus-deployment stays as it was. The API server refuses the text.").waitFor();
    await page.locator("#tab-cluster").click();
    const refused = page.locator("section.card", { hasText: "Refused by the API server" });
    await refused.getByText('unknown field "spec.replica"').waitFor();
    // The fix restores the field, and the object is accepted again.
    await problem.locator(".fixes button", { hasText: "replicas" }).click();
    await refused.waitFor({ state: "detached" });
    assert.equal(await problem.count(), 0);
    assert.equal(await bar.locator("li").count(), 0);
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

  test("has its defaults in the editor while the button is pressed, over a reload", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "prometheus-deploy.yaml" }).click();
    const button = page.locator(".apply-bar").getByRole("button", { name: "Defaults" });
    const line = page.locator(".cm-defaults", { hasText: "terminationGracePeriodSeconds: 30" });
    assert.equal(await line.count(), 0);
    await button.click();
    await line.waitFor();
    assert.equal(await button.getAttribute("aria-pressed"), "true");
    await page.reload();
    await ready(page);
    await line.waitFor();
    await button.click();
    await line.waitFor({ state: "detached" });
  });

  test("that is refused is named above the targets, until it is mended", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    const note = page.getByRole("note").filter({ hasText: "the targets are those of the stored object" });
    await replace(page, "containerPort: 8080", "containerPort: 808000");
    await note.getByText("Deployment", { exact: false }).waitFor();
    await replace(page, "containerPort: 808000", "containerPort: 8080");
    await note.waitFor({ state: "detached" });
  });

  test("of a kind that a definition adds is checked by its schema", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    const definition = [
      "---", "apiVersion: apiextensions.k8s.io/v1", "kind: CustomResourceDefinition", "metadata: {name: cards.example.com}",
      "spec:", "  group: example.com", "  scope: Namespaced", "  names: {kind: Card, plural: cards, singular: card, listKind: CardList}",
      "  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {value: {type: integer, maximum: 100}}}}}}}]",
      "---", "apiVersion: example.com/v1", "kind: Card", "metadata: {name: gift}", "spec: {value: 200}", "",
    ].join("\n");
    const content = page.locator(".cm-content");
    await content.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.insertText(`\n${definition}`);
    const problem = page.locator(".prob", { hasText: "should be less than or equal to 100" });
    await problem.waitFor();
    assert.equal(await problem.locator(".grade").textContent(), "the API server refuses this");
    await page.locator(".prob", { hasText: "no matches for kind" }).waitFor({ state: "detached" });
  });
});

describe("the text", () => {
  const object = (page, name) =>
    page.locator(".cluster-table tbody tr", { has: page.getByRole("button", { name: `default/${name}`, exact: true }) });

  test("is followed after a pause in typing, and leaves nothing behind", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    await page.locator("#tab-cluster").click();
    await object(page, "proxy-service").waitFor();
    await page.locator(".cm-line", { hasText: "name: proxy-service" }).click();
    await page.keyboard.press("End");
    // Each letter is applied before the next one.
    let before = "proxy-service";
    for (const letter of "-two") {
      await page.keyboard.type(letter);
      const now = before + letter;
      if (letter === "-") {
        await page.locator(".prob", { hasText: "a lowercase RFC 1123 label" }).first().waitFor();
      } else {
        await object(page, now).waitFor();
        await object(page, before).waitFor({ state: "detached" });
      }
      before = now;
    }
    assert.equal(await object(page, "proxy-service").count(), 0);
    assert.equal(await page.locator(".apply-bar li").count(), 0);
  });

  test("that does not parse leaves the cluster as it is", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    await page.locator("#tab-cluster").click();
    await replace(page, "name: proxy-service", "name: proxy-service: x");
    await page.locator(".apply-bar").getByText("proxy.yaml does not parse. Its objects stay as they were.").waitFor();
    await settled(page);
    await object(page, "proxy-service").waitFor();
  });

  test("that does not parse keeps its object in findings about others", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "prometheus-deploy.yaml" }).click();
    await page.locator("#tab-cluster").click();
    const pod = page.locator(".cluster-table tbody tr", { hasText: "prometheus-deployment-" }).first();
    await pod.waitFor();
    await replace(page, "replicas: 1", "replicas: 1 x: 1");
    const bar = page.locator(".apply-bar");
    await bar.getByText("prometheus-deploy.yaml does not parse. Its objects stay as they were.").waitFor();
    await settled(page);
    assert.equal(await page.locator(".prob", { hasText: "no pod has the labels" }).count(), 0);
    await pod.waitFor();
  });

  test("is applied by hand with Ctrl+S, over a reload, and an object without a text is offered to be deleted", async () => {
    const page = await open();
    const bar = page.locator(".apply-bar");
    await bar.getByRole("button", { name: "Apply by hand" }).click();
    await bar.getByText("The text is applied").waitFor();
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    await page.locator("#tab-cluster").click();
    await replace(page, "name: proxy-service", "name: other-service");
    await bar.getByText("Not applied yet: 1 object to create").waitFor();
    await settled(page);
    assert.equal(await object(page, "other-service").count(), 0);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+s");
    await object(page, "other-service").waitFor();
    await object(page, "proxy-service").waitFor();
    const orphan = bar.locator("li", { hasText: "Service proxy-service has no text any more, and is still stored." });
    await orphan.waitFor();
    await stored(page, "other-service");
    await page.reload();
    await ready(page);
    await bar.getByText("The text is applied").waitFor();
    await orphan.getByRole("button", { name: "Delete" }).click();
    await orphan.waitFor({ state: "detached" });
    await page.locator("#tab-cluster").click();
    await object(page, "other-service").waitFor();
    assert.equal(await object(page, "proxy-service").count(), 0);
  });

  test("whose change is refused is marked as such, and can be created again", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    await replace(page, "app: proxy", "app: gateway");
    const problem = page.locator(".prob", { hasText: "field is immutable" });
    await problem.waitFor();
    assert.equal(await problem.locator(".grade").textContent(), "the change is refused");
    const refused = page.locator(".apply-bar li", { hasText: "Deployment proxy-deployment stays as it was" });
    await refused.getByRole("button", { name: "Delete and create again" }).click();
    await refused.waitFor({ state: "detached" });
    await problem.waitFor({ state: "detached" });
  });
});
