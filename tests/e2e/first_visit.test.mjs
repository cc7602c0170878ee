// The first visit: a system that has run for a while, and an introduction that ends.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { site, violations } from "./harness.mjs";

const open = site();

const introduction = (page) => page.getByRole("region", { name: "Introduction" });

describe("the first visit", () => {
  for (const width of [1440, 390]) {
    test(`shows a system that runs, and leads through the page, ${width} wide`, async () => {
      const page = await open({ visitor: true, width, height: width === 390 ? 844 : 900 });
      await introduction(page).getByText("simulated in this page").waitFor();
      await introduction(page).getByText("Gift cards:").waitFor();
      await page.getByRole("status", { name: "Simulated time" }).filter({ hasText: "10:00" }).waitFor();
      await page.locator(".badge.ok", { hasText: "1/1" }).first().waitFor({ state: "attached" });
      assert.deepEqual(await violations(page), []);
      await introduction(page).getByRole("button", { name: "Look around" }).click();
      for (const part of ["Files", "Explain", "Cluster", "Targets"]) {
        await introduction(page).getByText(part, { exact: true }).waitFor();
        if (part !== "Files") await page.getByRole("tab", { name: part, selected: true }).waitFor();
        await introduction(page).getByRole("button", { name: "Next" }).click();
      }
      await introduction(page).getByText("5 of 5").waitFor();
      assert.deepEqual(await violations(page), []);
      await introduction(page).getByRole("button", { name: "Done" }).click();
      await introduction(page).waitFor({ state: "detached" });
    });
  }

  test("is over after a reload", async () => {
    const page = await open({ visitor: true });
    await introduction(page).getByRole("button", { name: "Close" }).click();
    await introduction(page).waitFor({ state: "detached" });
    await page.reload();
    await page.locator('[data-ready="true"]').waitFor();
    assert.equal(await introduction(page).count(), 0);
  });
});
