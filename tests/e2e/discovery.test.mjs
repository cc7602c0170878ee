// Discovery: the funnel, the steps of a target, a rule's targets, a draft, and rules alone.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { importFiles, replace, scenario, site } from "./harness.mjs";

const open = site();

async function discovery(title, job) {
  const page = await open();
  await scenario(page, title);
  await page.locator("#tab-discovery").click();
  await page.getByLabel("Job").selectOption(job);
  return page;
}

const jewelry = () => discovery("Jewelry shop", "django");

describe("discovery", () => {
  test("counts from objects to targets, and shows every step", async () => {
    const page = await jewelry();
    const stages = page.getByRole("list", { name: "From objects to targets" }).getByRole("listitem");
    await stages.filter({ hasText: "permitted" }).waitFor();
    const numbers = (await stages.locator("b").allTextContents()).map(Number);
    assert.equal(numbers.length, 7);
    assert.deepEqual(numbers.slice(-2), [3, 3]);
    const steps = page.getByRole("region", { name: "Steps of a target" });
    await steps.locator(".change.added", { hasText: "+ pod=" }).waitFor();
    await steps.getByText("instance is set to the address where nothing has set it").waitFor();
    assert.match(await steps.textContent(), /Scraped at http:\/\/10\.244\.0\.3:8000\/metrics/);
    // A rule shows the targets that it touches.
    await page.getByRole("region", { name: "Rules" }).getByRole("button", { name: /^drops/ }).click();
    await page.getByText("Targets affected by rule 1").waitFor();
    assert.equal(await page.locator(".found .st", { hasText: "KEPT" }).count(), 0);
  });

  test("says what a rule does in words", async () => {
    const page = await discovery("Populare", "kubernetes-service-endpoints");
    await page.getByText("drop where __meta_kubernetes_service_name matches prometheus").first().waitFor();
  });

  test("compares other rules with those of the file", async () => {
    const page = await jewelry();
    await page.getByRole("button", { name: "Try different rules" }).click();
    const text = page.getByLabel("relabel_configs");
    await page.getByText("No target changes.").waitFor();
    const rules = await text.inputValue();
    await text.fill(rules.replace("django;http", "nothing"));
    await page.getByText("3 discovered targets would change; 0 scraped instead of 3.").waitFor();
    await text.fill(rules.replace("django;http", "("));
    await page.getByText(/line \d+: .*missing closing \)/).first().waitFor();
  });

  test("needs no manifests for rules and labels alone", async () => {
    const page = await jewelry();
    await page.getByRole("button", { name: "Try rules on labels" }).click();
    const steps = page.getByRole("region", { name: "Steps" });
    await steps.getByText('__address__="10.0.0.5:8080" → "10.0.0.5:9102"').waitFor();
    await page.getByLabel("Labels", { exact: true }).fill("app=web");
    await page.getByLabel("relabel_configs", { exact: true }).fill("- {action: drop, source_labels: [app], regex: web}");
    await steps.getByText("DROPPED").waitFor();
    await page.getByRole("button", { name: "Back to the workspace" }).click();
    await page.getByRole("list", { name: "From objects to targets" }).waitFor();
  });

  test("writes the line that Prometheus logs when a role may not be listed", async () => {
    const page = await jewelry();
    await page.getByRole("tab", { name: "prometheus-rbac.yaml" }).click();
    await replace(page, "endpoints", "endpointz");
    await page.getByText(/endpoints is forbidden: User "system:serviceaccount:jewelry-shop:prometheus" cannot list/).first().waitFor();
  });

  test("says where sample targets of other mechanisms go, and takes them", async () => {
    const page = await open();
    const config = "scrape_configs:\n- job_name: web\n  ec2_sd_configs: [{region: eu-west-1}]\n  relabel_configs:\n  - {source_labels: [__meta_ec2_tag_Name], target_label: name}\n";
    await importFiles(page, ["prometheus.yml", config]);
    await page.locator("#tab-discovery").click();
    await page.getByText("put sample targets into ec2_sd_configs/web.yml").waitFor();
    await page.getByRole("button", { name: "New file" }).click();
    await page.getByLabel("Name", { exact: true }).fill("ec2_sd_configs/web.yml");
    await page.getByRole("button", { name: "Create" }).click();
    await page.locator(".cm-content").click();
    await page.keyboard.insertText("- targets: ['10.1.0.7:9100']\n  labels: {__meta_ec2_tag_Name: shop}\n");
    await page.locator(".change.added", { hasText: '+ name="shop"' }).waitFor();
  });
});
