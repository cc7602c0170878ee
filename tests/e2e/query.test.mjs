// Query: an expression is typed with completion and looked at in every way, by keys alone too.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scrape, site } from "./harness.mjs";

const open = site();

/** The Query page after some scrapes. */
async function query() {
  const page = await open({ height: 1100 });
  await scrape(page, 8);
  await page.locator("#tab-query").click();
  await page.locator(".query-input .cm-content").waitFor();
  return page;
}

async function run(page, text) {
  await page.locator(".query-input .cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
  await enter(page);
}

/** Runs the expression. Escape closes a completion that is open or pending, which Enter would accept. */
async function enter(page) {
  await page.keyboard.press("Escape");
  await page.locator(".cm-tooltip-autocomplete").waitFor({ state: "hidden" });
  await page.keyboard.press("Enter");
}

describe("the query page", () => {
  test("completes what is typed, and shows it as table and graph", async () => {
    const page = await query();
    await page.locator(".query-input .cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await page.keyboard.type("scrape_dur");
    await page.locator(".cm-tooltip-autocomplete li", { hasText: "scrape_duration_seconds" }).first().click();
    await page.locator(".query-input .cm-content", { hasText: "scrape_duration_seconds" }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator("#query-tab-table").click();
    await page.locator("#query-answer td", { hasText: "scrape_duration_seconds" }).first().waitFor();
    await page.locator("#query-tab-graph").click();
    await page.locator("#query-answer canvas").first().waitFor();
  });

  test("runs at Enter, whatever is proposed, and completes at Tab", async () => {
    const page = await query();
    const input = page.locator(".query-input .cm-content");
    const proposals = page.locator(".cm-tooltip-autocomplete");
    await page.locator("#query-tab-table").click();
    await input.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("sum(up)");
    await page.keyboard.press("Control+Space");
    await proposals.waitFor();
    await page.keyboard.press("Enter");
    await page.locator("#query-answer td", { hasText: "{}" }).first().waitFor();
    assert.equal(await input.innerText(), "sum(up)");
    await proposals.waitFor({ state: "hidden" });

    await page.keyboard.press("Control+a");
    await page.keyboard.type("ra");
    await proposals.locator("li").first().waitFor();
    assert.match(await proposals.locator("li").first().innerText(), /^rate/);
    await page.keyboard.press("Tab");
    await page.locator(".query-input .cm-content", { hasText: "rate(" }).waitFor();
  });

  test("takes a rate apart, down to the rate lab", async () => {
    const page = await query();
    await run(page, "rate(scrape_samples_scraped[1m])");
    await page.locator("#query-tab-explain").click();
    await page.getByRole("button", { name: "How?" }).first().click();
    const terms = page.getByRole("region", { name: "How it was computed" });
    await terms.getByText("average interval").waitFor();
    await terms.getByRole("button", { name: "Open in the Rate lab" }).click();
    await page.locator("#tab-rate-lab[aria-selected=true]").waitFor();
    await page.locator(".lab-query", { hasText: "rate(scrape_samples_scraped{" }).waitFor();
  });

  test("says why nothing comes back, and applies a rewrite", async () => {
    const page = await query();
    await run(page, "no_such_metric");
    await page.getByRole("heading", { name: "Empty query result" }).waitFor();
    assert.match(await page.locator("#query-answer .empty").textContent(), /no_such_metric/);
    await run(page, "rate(sum(scrape_samples_scraped)[1m:15s])");
    const hint = page.getByRole("region", { name: "Hint" }).first();
    await hint.waitFor();
    const before = await page.locator(".query-input .cm-content").textContent();
    await hint.getByRole("button").first().click();
    await page.waitForFunction((was) => document.querySelector(".query-input .cm-content").textContent !== was, before);
  });

  test("is worked with the keyboard alone", async () => {
    const page = await query();
    await page.locator(".query-input .cm-content").focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("up");
    await enter(page);
    await page.locator("#query-tab-graph").focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator("#query-tab-table[aria-selected=true]").waitFor();
    await page.locator("#query-answer td", { hasText: "up" }).first().waitFor();
    await page.keyboard.press("End");
    await page.locator("#query-tab-explain[aria-selected=true]").waitFor();
  });
});
