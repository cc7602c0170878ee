// Rate lab: a sample is dragged, the window moved, everything again by keys alone and on a phone.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scrape, settled, site } from "./harness.mjs";

const open = site();

const row = (page, name) =>
  page.locator("[aria-labelledby=lab-computed] tr", { has: page.getByRole("rowheader", { name, exact: true }) }).locator("td");

async function lab(page, width = 1440) {
  if (width < 800) await page.getByRole("button", { name: "Results", exact: true }).click();
  await page.locator("#tab-rate-lab").click();
  await page.locator("svg.lab").waitFor();
}

const dot = (page, seconds) => page.locator(`svg.lab .dot[aria-label^="Sample at ${seconds} s "]`);

async function drag(page, from, dx, dy) {
  await from.scrollIntoViewIfNeeded();
  const box = await from.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 1; step <= 6; step++) await page.mouse.move(x + (dx * step) / 6, y + (dy * step) / 6);
  await page.mouse.up();
}

describe("the rate lab", () => {
  test("follows a sample that is dragged, and keeps it over a reload", async () => {
    const page = await open({ height: 1200 });
    await lab(page);
    await row(page, "result").getByText("1 × 1.333 = 1.333").waitFor();
    const count = await page.locator("svg.lab .dot").count();
    const view = () => page.evaluate(() => localStorage.getItem("playground.view"));
    const before = await view();
    await drag(page, dot(page, 120).locator(".mark"), 0, -60);
    await page.locator("svg.lab .dot.edited").waitFor();
    assert.equal(await page.locator("svg.lab .dot").count(), count, "a moved sample is moved, not doubled");
    const moved = await row(page, "result").textContent();
    assert.notEqual(moved, "1 × 1.333 = 1.333");
    const sentence = await page.locator(".answer").textContent();
    assert.ok(sentence.startsWith(moved.split("= ")[1]), `${sentence} says ${moved}`);
    await page.waitForFunction((was) => localStorage.getItem("playground.view") !== was, before);
    await page.reload();
    await page.locator("svg.lab .dot.edited").waitFor();
    assert.equal(await row(page, "result").textContent(), moved);
  });

  test("moves the window by its band and its range by its edge", async () => {
    const page = await open({ height: 1200 });
    await lab(page);
    const band = page.getByRole("slider", { name: "Window", exact: true });
    const before = Number(await band.getAttribute("aria-valuenow"));
    const box = await band.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height - 12);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 40, box.y + box.height - 12, { steps: 5 });
    await page.mouse.up();
    await page.waitForFunction((was) => document.querySelector(".window").getAttribute("aria-valuenow") !== was, String(before));
    const moved = Number(await band.getAttribute("aria-valuenow"));
    assert.ok(moved > before && moved < before + 30, `${before} → ${moved}: it does not jump to the pointer`);
    const edge = page.getByRole("slider", { name: "Range of the window" });
    await edge.focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator('.edge[aria-valuenow="61"]').waitFor();
    assert.match(await page.locator(".lab-query").textContent(), /\[1m1s\]/);
  });

  test("is worked with the keyboard alone", async () => {
    const page = await open({ height: 1200 });
    await lab(page);
    await dot(page, 105).focus();
    // Faster than answers come: no step is lost.
    for (let step = 0; step < 5; step++) await page.keyboard.press("ArrowRight");
    await dot(page, 110).waitFor();
    await page.keyboard.press("ArrowLeft");
    await dot(page, 109).waitFor();
    assert.ok(await dot(page, 109).evaluate((it) => it === document.activeElement), "the sample keeps the focus");
    await page.keyboard.press("Delete");
    await dot(page, 109).waitFor({ state: "detached" });
    const missed = page.getByRole("button", { name: /^Missed scrape at 105 s/ });
    await missed.focus();
    await page.keyboard.press("Enter");
    await dot(page, 105).waitFor();
    await dot(page, 90).focus();
    await page.keyboard.press("Insert");
    await dot(page, 95).waitFor();
    const band = page.getByRole("slider", { name: "Window", exact: true });
    await band.focus();
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await page.locator('.window[aria-valuenow="116"]').waitFor();
  });

  test("drops a sample that is double-clicked, adds one at a free place and starts over", async () => {
    const page = await open({ height: 1200 });
    await lab(page);
    const count = await page.locator("svg.lab .dot").count();
    await dot(page, 90).locator(".mark").dblclick();
    await dot(page, 90).waitFor({ state: "detached" });
    await page.getByRole("button", { name: /^Missed scrape at 90 s/ }).waitFor();
    const band = await page.locator("svg.lab .window").boundingBox();
    await page.mouse.dblclick(band.x + band.width / 2 + 9, band.y + band.height / 2);
    await page.locator("svg.lab .dot.edited").waitFor();
    assert.equal(await page.locator("svg.lab .dot").count(), count, "one less, one more");
    await page.getByRole("button", { name: "Restart at t" }).click();
    await page.getByRole("button", { name: "Start over" }).click();
    await row(page, "result").getByText("1 × 1.333 = 1.333").waitFor();
    assert.equal(await page.locator("svg.lab .dot").count(), count);
    assert.equal(await page.locator("svg.lab .missed").count(), 0);
  });

  test("lays other ways over the chosen one and answers every question", async () => {
    const page = await open({ height: 1200 });
    await lab(page);
    await page.getByRole("checkbox", { name: "Draw increase anchored" }).click();
    await page.locator("svg.lab polyline.overlay").waitFor({ state: "attached" });
    const questions = await page.locator(".lab-question option").evaluateAll((all) => all.map((one) => one.value));
    const answers = new Set();
    for (const question of questions.filter(Boolean)) {
      await page.locator(".lab-question select").selectOption(question);
      await settled(page);
      answers.add(await page.locator(".answer").textContent());
    }
    assert.ok(answers.size >= 9, [...answers].join("\n"));
    const before = await page.locator(".answer").textContent();
    await page.locator(".lab-card label.field", { has: page.getByText("Range", { exact: true }) }).locator("select").selectOption("90");
    await page.waitForFunction((was) => document.querySelector(".answer").textContent !== was, before);
    await page.locator(".lab-card label.field", { hasText: "Window read" }).locator("select").selectOption("smoothed");
    await page.locator(".lab-query", { hasText: "smoothed" }).waitFor();
    await row(page, "extrapolated").waitFor();
  });

  test("takes a series of the simulation and hands files out", async () => {
    const page = await open({ height: 1200 });
    await scrape(page, 9);
    await lab(page);
    await page.getByRole("button", { name: /^Use a series/ }).click();
    await page.locator(".lab-picker input").fill("_total");
    await page.locator(".lab-picker li button", { hasText: "_total" }).first().click();
    await page.locator(".lab-query", { hasText: "job=" }).waitFor();
    assert.ok((await page.locator("svg.lab .dot").count()) > 2);
    await page.getByRole("button", { name: "OpenMetrics" }).click();
    await page.locator(".exported pre", { hasText: "# EOF" }).waitFor();
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download lab.om.txt" }).click();
    assert.match((await saved).suggestedFilename(), /lab\.om\.txt/);
    await page.getByRole("button", { name: "promqltest script" }).click();
    await page.locator(".exported pre", { hasText: "eval instant" }).waitFor();
  });

  test("fits a phone and works with a finger", async () => {
    const page = await open({ width: 390, height: 844, hasTouch: true });
    await lab(page, 390);
    const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= width, `${content} > ${width}`);
    const card = await page.locator(".lab-card").boundingBox();
    const drawing = await page.locator("svg.lab").boundingBox();
    assert.ok(drawing.x + drawing.width <= card.x + card.width, "the drawing stays in its card");
    await dot(page, 90).locator(".hit").tap();
    await page.locator(".lab-sample").getByRole("button", { name: "More" }).tap();
    await page.locator("svg.lab .dot.edited").waitFor();
    await page.locator(".lab-sample").getByRole("button", { name: "Drop" }).tap();
    await dot(page, 90).waitFor({ state: "detached" });
  });
});
