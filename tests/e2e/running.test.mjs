// The running cluster: pods start in simulated time, a wrong image keeps the old pods, and the state
// outlives a reload.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scenario, settled, shown, site, stored } from "./harness.mjs";

const open = site();

const clock = (page) => page.getByRole("status", { name: "Simulated time" });

/** Opens the page Cluster and lets the cluster run. */
async function run(page) {
  await page.locator("#tab-cluster").click();
  await shown(page);
  await page.getByRole("button", { name: "Running", exact: true }).click();
  await page.getByRole("table", { name: "Workloads, their ReplicaSets and pods" }).waitFor();
  await settled(page);
}

const objects = (page) => page.getByRole("table", { name: "Workloads, their ReplicaSets and pods" });

/** The rows of a kind: name, ready, status. */
async function rows(page, kind) {
  const found = objects(page).locator("tbody tr").filter({ has: page.locator(".kind", { hasText: new RegExp(`^${kind}$`) }) });
  return found.evaluateAll((all) =>
    all.map((row) => [...row.querySelectorAll("td")].slice(0, 2).map((cell) => cell.textContent).join(" ")),
  );
}

describe("the running cluster", () => {
  test("workloads are shown with their pods, and the targets are up", async () => {
    const page = await open();
    await scenario(page, "Gift cards");
    await run(page);
    await page.getByLabel("Advance by").selectOption({ label: "1 minute" });
    await page.waitForFunction(() => document.querySelectorAll(".running-table .good .state").length > 0);
    await settled(page);
    const pods = await rows(page, "Pod");
    assert.ok(pods.length >= 2, String(pods));
    assert.ok(pods.every((pod) => pod === "1/1 Running"), String(pods));
    assert.ok((await rows(page, "ReplicaSet")).every((set) => set.startsWith("1/1")));
    await page.locator("#tab-targets").click();
    await shown(page);
    await page.locator("#tab-targets", { hasText: "1 up, 0 down" }).waitFor();
  });

  test("a reload keeps the running cluster and its time", async () => {
    const page = await open();
    await scenario(page, "Gift cards");
    await run(page);
    await page.getByLabel("Advance by").selectOption({ label: "1 minute" });
    await page.waitForFunction(() => document.querySelectorAll(".running-table .good .state").length > 0);
    await settled(page);
    const [before, time] = [await rows(page, "Pod"), await clock(page).textContent()];
    await stored(page, "\"running\":true");
    await page.reload();
    await shown(page);
    await page.locator("#tab-cluster").click();
    await objects(page).waitFor();
    await page.waitForFunction((wanted) => document.querySelector(".clock-bar output").textContent === wanted, time);
    await settled(page);
    assert.deepEqual(await rows(page, "Pod"), before);
  });

  test("back to the expected state", async () => {
    const page = await open();
    await scenario(page, "Gift cards");
    await run(page);
    await page.getByRole("button", { name: "Expected", exact: true }).click();
    await objects(page).waitFor({ state: "detached" });
    await page.getByText("All pages show the state that the text leads to.").waitFor();
  });
});
