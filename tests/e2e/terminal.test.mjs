// The terminal: commands on the simulated cluster, typed with the keyboard only.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { describe, test } from "node:test";
import { join } from "node:path";
import { root, scenario, site, violations } from "./harness.mjs";

const open = site();

// Screenshots to look at, if the variable names a folder.
const pictures = process.env.PICTURES && join(root, process.env.PICTURES);
async function picture(page, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

async function terminal(page) {
  await page.keyboard.press("Control+Backquote");
  const input = page.getByRole("textbox", { name: "Command line" });
  await input.waitFor();
  assert.ok(await input.evaluate((one) => one === document.activeElement), "the prompt has the focus");
  return input;
}

// Runs a line and waits until the prompt is back.
async function run(page, line) {
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
  await page.locator(".terminal .log pre.line", { hasText: line }).last().waitFor();
  await page.locator(".terminal .prompt .sign", { hasText: "$" }).waitFor();
}

const log = (page) => page.getByRole("log", { name: "Output" });

describe("the terminal", () => {
  test("answers, completes, and keeps its history", async () => {
    const page = await open();
    await scenario(page, "Populare");
    const input = await terminal(page);
    await run(page, "kubectl get services");
    await log(page).getByText("CLUSTER-IP").waitFor();
    await page.keyboard.type("kubectl get endpointsl");
    await page.keyboard.press("Tab");
    await page.waitForFunction(() => document.activeElement.value === "kubectl get endpointslices ");
    await page.keyboard.press("Control+c");
    await page.keyboard.press("ArrowUp");
    assert.equal(await input.inputValue(), "kubectl get services");
    await page.keyboard.press("Control+c");
    // The history is searched, and the found line is put at the prompt.
    await page.keyboard.press("Control+r");
    await page.keyboard.type("serv");
    await page.locator(".terminal pre.found", { hasText: "kubectl get services" }).waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "terminal-search");
    await page.keyboard.press("Escape");
    assert.equal(await input.inputValue(), "kubectl get services");
    await page.keyboard.press("Control+c");
    await run(page, "kubectl get pods nope");
    const error = log(page).locator("pre.error").last();
    assert.equal(await error.textContent(), 'Error from server (NotFound): pods "nope" not found');
    await run(page, "?");
    await page.getByRole("button", { name: "kubectl get pods -w" }).click();
    assert.equal(await input.inputValue(), "kubectl get pods -w");
    assert.deepEqual(await violations(page), []);
    await picture(page, "terminal-desktop");
  });

  test("follows a command in simulated time until Ctrl+C", async () => {
    const page = await open();
    await scenario(page, "Populare");
    await terminal(page);
    await page.keyboard.type("kubectl delete pod -l app=mail --wait=false; kubectl get pods -w");
    await page.keyboard.press("Enter");
    await log(page).getByText("ContainerCreating").first().waitFor();
    await page.locator(".terminal .prompt .sign", { hasText: "…" }).waitFor();
    await page.keyboard.press("Control+c");
    await log(page).getByText("^C").waitFor();
    await page.locator(".terminal .prompt .sign", { hasText: "$" }).waitFor();
    await run(page, "echo $?");
    assert.equal(await log(page).locator("pre").last().textContent(), "130");
  });

  test("says what a fresh cluster needs, and marks a file at odds with it", async () => {
    const page = await open();
    await scenario(page, "Populare");
    await terminal(page);
    await run(page, "kubectl get pods");
    await picture(page, "terminal-fresh");
    await log(page).getByRole("button", { name: "Let 30 s pass" }).click();
    await run(page, "kubectl rollout status deployment/prometheus");
    await run(page, "kubectl scale deployment/prometheus --replicas=3");
    const tab = page.getByRole("tab", { name: "prometheus.yaml" });
    await tab.locator(".badge").waitFor();
    await page.getByRole("tab", { name: "Problems" }).click();
    await page.getByText("The running cluster has 3 replicas, the file says 1").first().waitFor();
    assert.deepEqual(await violations(page), []);
    await picture(page, "terminal-at-odds");
  });

  test("forwards a port in one terminal and asks in another one", async () => {
    const page = await open();
    await scenario(page, "Populare");
    await terminal(page);
    // The pods have just been made.
    await run(page, "kubectl rollout status deployment/prometheus");
    await page.keyboard.type("kubectl port-forward svc/prometheus 9090");
    await page.keyboard.press("Enter");
    await log(page).getByText("Forwarding from 127.0.0.1:9090 -> 9090").waitFor();
    await page.getByRole("button", { name: "New terminal" }).click();
    await run(page, "curl -s localhost:9090/-/ready");
    await log(page).getByText("Prometheus Server is Ready.").waitFor();
    await page.getByRole("button", { name: "Terminal 1, a command runs" }).click();
    await log(page).getByText("Handling connection for 9090").waitFor();
  });

  test("writes files, explains fields, and leads to manifests", async () => {
    const page = await open();
    await scenario(page, "Populare");
    await terminal(page);
    await run(page, "echo hello > notes.txt");
    await page.getByRole("tab", { name: "notes.txt" }).waitFor();
    // The descriptions are fetched first.
    await run(page, "kubectl explain pod.spec.nodeName");
    await log(page).getByText("FIELD: nodeName").waitFor();
    await log(page).getByText("DESCRIPTION:").waitFor();
    await run(page, "kubectl get services -o name");
    await log(page).getByRole("button", { name: "service/prometheus" }).click();
    assert.equal(await page.getByRole("tab", { name: "prometheus.yaml" }).getAttribute("aria-selected"), "true");
  });

  test("can be used on a phone", async () => {
    const page = await open({ width: 390, height: 844, dark: true });
    await page.getByRole("button", { name: "Editor" }).click();
    await page.getByRole("tab", { name: "Terminal" }).click();
    const input = page.getByRole("textbox", { name: "Command line" });
    await input.click();
    await run(page, "kubectl get pods");
    await log(page).getByText("NAME").first().waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `${wide} pixels are hidden`);
    assert.deepEqual(await violations(page), []);
    await picture(page, "terminal-phone");
  });

  test("shows the command of a page of results", async () => {
    const page = await open();
    await scenario(page, "Populare");
    await terminal(page);
    await run(page, "kubectl rollout status deployment/prometheus");
    await page.locator("#tab-targets").click();
    await page.getByRole("button", { name: "In the terminal" }).click();
    const input = page.getByRole("textbox", { name: "Command line" });
    assert.match(await input.inputValue(), /api\/v1\/targets/);
    await page.keyboard.press("Enter");
    await log(page).getByText('"activeTargets"').waitFor();
    await picture(page, "terminal-targets");
  });
});
