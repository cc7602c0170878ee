// Simulated time: the clock, events, going back, a pending edit, and a long run.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scenario, scrape, settled, shown, site } from "./harness.mjs";

const open = site();

const clock = (page) => page.getByRole("status", { name: "Simulated time" });

/** Seconds that the clock shows. */
async function seconds(page) {
  const parts = (await clock(page).textContent()).split(":").map(Number);
  return parts.reduce((total, part) => total * 60 + part, 0);
}

/** Waits until the clock shows a time that `wanted` accepts. */
async function until(page, wanted) {
  for (;;) {
    const text = await clock(page).textContent();
    if (wanted(await seconds(page))) return;
    await page.waitForFunction((was) => document.querySelector(".clock-bar output").textContent !== was, text);
  }
}

/** The seconds on the clock, and that they stay the same while the worker answers another page. */
async function stands(page) {
  await settled(page);
  const before = await seconds(page);
  await page.locator("#tab-cluster").click();
  await shown(page);
  await settled(page);
  assert.equal(await seconds(page), before);
  return before;
}

async function ahead(page, label) {
  const before = await seconds(page);
  await page.getByLabel("Advance by").selectOption({ label });
  await until(page, (now) => now > before);
}

async function happen(page, { what, whom, long }) {
  const panel = page.getByRole("region", { name: "Events" });
  if (!(await panel.isVisible())) await page.getByRole("button", { name: "Events…" }).click();
  await panel.getByLabel("What happens").selectOption({ label: what });
  if (whom) await panel.getByLabel("To whom").selectOption({ label: whom });
  if (long) await panel.getByLabel("For how long").selectOption({ label: long });
  await panel.getByRole("button", { name: "Run the action" }).click();
  return panel;
}

/** Replaces the end of a line in the file that is open. */
async function replace(page, end, by) {
  await page.locator(".cm-line", { hasText: end }).click();
  await page.keyboard.press("End");
  for (let letter = 0; letter < end.length; letter += 1) await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.type(by);
}

describe("simulated time", () => {
  test("plays, pauses, changes its speed and goes on by one scrape", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await until(page, (now) => now >= 5);
    await page.getByLabel("Speed").selectOption("60");
    const before = await seconds(page);
    await until(page, (now) => now >= before + 60);
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    const paused = await stands(page);
    await scrape(page);
    await until(page, (now) => now > paused && now <= paused + 15);
  });

  test("shows a fault on the track and its consequence in the target table, until it is ended", async () => {
    const page = await open();
    await page.locator("#tab-targets").click();
    await ahead(page, "1 minute");
    await page.locator("td .st.up").waitFor();
    const panel = await happen(page, { what: "HTTP 500 Internal Server Error", long: "until ended" });
    await page.locator(".track .band").waitFor({ state: "attached" });
    await ahead(page, "1 minute");
    const error = page.getByRole("table").getByText("server returned HTTP status 500 Internal Server Error");
    await error.first().waitFor();
    await page.getByText("Going on now: HTTP 500 Internal Server Error").first().waitFor();
    await panel.getByRole("button", { name: /^End HTTP 500/ }).click();
    await panel.getByText("Ongoing").waitFor({ state: "detached" });
    await ahead(page, "1 minute");
    await error.waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
  });

  test("goes back with the keyboard and forward again without loss", async () => {
    const page = await open();
    await ahead(page, "1 minute");
    await page.getByRole("button", { name: "Gift a card to a nonexistent user", exact: true }).click();
    await page.locator(".track .event").waitFor();
    await ahead(page, "1 minute");
    const slider = page.getByRole("slider", { name: "Position in simulated time" });
    await slider.focus();
    await page.keyboard.press("Home");
    await until(page, (now) => now === 0);
    assert.equal(await page.locator(".track .mark.ahead").count(), 1, "what will happen again is still there");
    for (let step = 0; step < 3; step += 1) await page.keyboard.press("PageUp");
    await until(page, (now) => now > 60);
    assert.equal(await page.locator(".track .mark:not(.ahead)").count(), 1);
  });

  test("takes an edit along its way to Prometheus, which can be skipped", async () => {
    const page = await open();
    await ahead(page, "1 minute");
    await page.getByRole("button", { name: "Events…" }).click();
    await page.getByLabel("Apply edits with the delays of a cluster").check();
    await page.getByRole("button", { name: "Close" }).click();
    await page.locator("#tab-targets").click();
    await replace(page, "'/metrics'", "/stats");
    const way = page.getByRole("region", { name: "Progress of the edit" });
    await way.getByText("File", { exact: false }).first().waitFor();
    // The table says at once what will be; what runs is as before.
    await page.getByText("http://proxy-service:8080/stats").first().waitFor();
    await way.locator("li.now", { hasText: "File" }).waitFor();
    await ahead(page, "10 minutes");
    await way.locator("li.stuck", { hasText: "Reload" }).waitFor();
    await way.getByRole("button", { name: "Skip" }).click();
    await way.locator("li.now", { hasText: "First scrape" }).waitFor();
    await scrape(page);
    await page.getByText("server returned HTTP status 404 Not Found").first().waitFor();
  });

  test("cancels a long run, and answers while it runs", async () => {
    const page = await open();
    await scenario(page, "Populare");
    await page.locator("#tab-targets").click();
    // Fifteen times the work.
    await replace(page, "scrape_interval: 15s", "scrape_interval: 1s");
    await page.getByLabel("Advance by").selectOption({ label: "1 day" });
    const run = page.getByRole("region", { name: "Simulating" });
    await run.waitFor();
    await run.getByText(/samples of .* series in .* MB of at most 512 MB/).waitFor();
    // Other pages are answered between two slices.
    await page.locator("#tab-cluster").click();
    await page.locator("svg, .card").first().waitFor();
    await run.getByRole("button", { name: "Cancel" }).click();
    await run.waitFor({ state: "detached" });
    const stopped = await stands(page);
    assert.ok(stopped > 0 && stopped < 86_400, `${stopped}`);
  });
});
