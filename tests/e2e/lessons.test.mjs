// Lessons as a newcomer walks them: on a desktop, on a phone, and with the keyboard only.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { editorComplete, replace, scrape, settled, site, violations } from "./harness.mjs";

const open = site();

const pane = (page) => page.getByRole("region", { name: "Lesson", exact: true });
const goal = (page, id) => page.locator(`[data-goal="${id}"]`);
const met = (page, id) => page.locator(`[data-goal="${id}"].met`).waitFor({ state: "attached" });
const solved = (page) => pane(page).getByRole("heading", { name: "Solved" }).waitFor({ state: "attached" });

/** The learner's progress, as the browser keeps it. */
const kept = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("playground.learner") ?? "{}"));

describe("lessons", () => {
  test("the first visit offers lesson 1, which is solved by what the system does", async () => {
    const page = await open({ visitor: true });
    await page.getByRole("button", { name: "Start lesson 1" }).click();
    await pane(page).getByRole("heading", { name: "A first look" }).waitFor();
    assert.deepEqual(await violations(page), []);
    // A learner sees four pages, and the others when they are asked for.
    const tabs = () => page.getByRole("tablist", { name: "Results" }).getByRole("tab").count();
    assert.equal(await tabs(), 4);
    await page.getByRole("button", { name: "More", exact: true }).click();
    assert.ok((await tabs()) > 4);

    await page.getByRole("button", { name: "Gift a card to a nonexistent user" }).click();
    await met(page, "gift");
    await scrape(page);
    await met(page, "seen");
    const answer = goal(page, "value").getByRole("textbox");
    await answer.fill("7");
    await goal(page, "value").getByRole("button", { name: "Answer" }).click();
    await goal(page, "value").getByText("7 is not right.").waitFor();
    await pane(page).getByRole("button", { name: "Show a hint" }).click();
    await pane(page).getByRole("button", { name: "Show the solution" }).click();
    assert.equal(await page.locator(".lesson .solved").count(), 0, "to show the solution solves nothing");
    await answer.fill("1");
    await answer.press("Enter");
    await solved(page);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual((await kept(page)).solved, ["first-look"]);

    // The checksum depends on the name, and the page says that it is no proof.
    await pane(page).getByText("Checksum for a teacher").click();
    const checksum = pane(page).locator(".checksum");
    const before = await checksum.textContent();
    await pane(page).getByLabel("Your name").fill("Ada");
    await page.waitForFunction((old) => document.querySelector(".checksum").textContent !== old, before);
    await pane(page).getByText("It is no proof").waitFor();

    // The list shows the progress, and forgets it when asked.
    await pane(page).getByRole("button", { name: "All lessons" }).click();
    const list = page.getByRole("dialog", { name: "Lessons" });
    await list.getByText("(solved)").waitFor({ state: "attached" });
    assert.deepEqual(await violations(page), []);
    await list.getByRole("button", { name: "Reset progress" }).click();
    await list.getByRole("button", { name: "Forget", exact: true }).click();
    await list.getByText("0 of", { exact: false }).waitFor();
  });

  test("a link opens a lesson, which is solved by an edit and survives a reload", async () => {
    const page = await open({ at: "?lesson=pull" });
    await pane(page).getByRole("heading", { name: "Pull, not push" }).waitFor();
    await settled(page);
    await goal(page, "up").getByText("404", { exact: false }).waitFor();
    await pane(page).getByRole("button", { name: "Show the solution" }).click();
    await pane(page).locator("ins", { hasText: "/metrics" }).waitFor();
    await editorComplete(page);
    await replace(page, "'/stats'", "'/metrics'");
    await settled(page);
    await scrape(page, 2);
    await solved(page);
    await settled(page);
    await page.waitForFunction(() => JSON.parse(localStorage.getItem("playground.learner"))?.open?.progress?.solved);
    await page.reload();
    await solved(page);
    // The start again, in the same place.
    await pane(page).getByRole("button", { name: "Reset to the task" }).click();
    await page.locator('[data-goal="up"].open').waitFor();
    await page.locator(".cm-content", { hasText: "/stats" }).waitFor();
    await pane(page).getByRole("button", { name: "Close", exact: true }).click();
    assert.equal(await pane(page).count(), 0);
    assert.ok((await page.getByRole("tablist", { name: "Results" }).getByRole("tab").count()) > 4);
  });

  test("a lesson is walked on a phone", async () => {
    const page = await open({ at: "?lesson=configmap", width: 390, height: 844 });
    await pane(page).getByRole("heading", { name: "A ConfigMap is files" }).waitFor();
    await settled(page);
    assert.deepEqual(await violations(page), []);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `the page is ${width} wide`);
    const side = (name) => page.getByRole("navigation", { name: "Editor or results" }).getByRole("button", { name, exact: true });
    await side("Editor").click();
    assert.equal(await pane(page).isVisible(), false);
    await replace(page, "prometheus.yaml: |", "prometheus.yml: |");
    await settled(page);
    await scrape(page, 2);
    await side("Lesson").click();
    await solved(page);
    await pane(page).getByRole("button", { name: /^Next:/ }).click();
    await pane(page).getByRole("heading", { name: "Where a volume is mounted" }).waitFor();
  });

  test("a lesson is walked with the keyboard only", async () => {
    const page = await open({ at: "?lesson=fraction", dark: true });
    await pane(page).getByRole("heading", { name: "An increase of 1.33" }).waitFor();
    await settled(page);
    await page.waitForFunction(() => document.activeElement?.tagName === "H2");
    const reach = async (locator) => {
      for (let n = 0; n < 80; n++) {
        await page.keyboard.press("Tab");
        if (await locator.evaluate((element) => element === document.activeElement)) return;
      }
      throw new Error("the keyboard does not reach it");
    };
    const hint = pane(page).getByRole("button", { name: "Show a hint" });
    await reach(hint);
    await page.keyboard.press("Enter");
    await pane(page).getByText("The button is in the bar with the clock", { exact: false }).waitFor();
    const gift = page.getByRole("button", { name: "Gift a card to a nonexistent user" });
    await gift.focus();
    await page.keyboard.press("Enter");
    for (let n = 0; n < 8; n++) await page.keyboard.press("Alt+s");
    await settled(page);
    await gift.focus();
    await page.keyboard.press("Enter");
    for (let n = 0; n < 3; n++) await page.keyboard.press("Alt+s");
    await met(page, "fraction");
    await goal(page, "real").getByRole("textbox").focus();
    await page.keyboard.type("2");
    await page.keyboard.press("Enter");
    await solved(page);
    assert.deepEqual(await violations(page), []);
  });

  test("a lesson that does not load, and one that does not exist, are named", async () => {
    const page = await open({ at: "?lesson=none", without: /lessons\/pull\.json/ });
    await page.getByText("The lesson none does not exist.").waitFor();
    await page.getByRole("banner").getByRole("button", { name: "Lessons", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Pull, not push" }).click();
    await page.getByText("The lesson could not be opened: check the network connection.").waitFor();
    page.errors.length = 0;
  });
});
