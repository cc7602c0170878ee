// What a teacher uses: links to a place, a lesson of one's own, frames for slides, print.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { scrape, serve, settled, shown, site, type, violations } from "./harness.mjs";

const open = site();
const pane = (page) => page.getByRole("region", { name: "Lesson", exact: true });
const dialog = (page, name) => page.getByRole("dialog", { name });
const button = (page, name) => page.getByRole("button", { name, exact: true });

describe("teachers", () => {
  test("a link opens a place, and values that are not valid are named", async () => {
    const page = await open({ at: "?scenario=populare&view=query&query=sum(up)&file=db-proxy.yaml&line=3&t=2m30s&theme=x&view=pods&debug" });
    await page.locator("#tab-query[aria-selected=true]").waitFor();
    await page.locator("#results .cm-content", { hasText: "sum(up)" }).waitFor();
    await page.getByRole("tab", { name: "db-proxy.yaml", selected: true }).waitFor();
    await page.waitForFunction(() => /2:30/.test(document.querySelector(".clock-bar").textContent));
    await page.getByText("The address has theme=x; themes are light, dark.").waitFor();
    await page.getByText("The address has view=pods; pages are explain", { exact: false }).waitFor();
    // A reload does not go there again.
    assert.equal(new URL(page.url()).search, "?theme=x&debug=");
    await page.locator("#tab-targets").click();
    await shown(page);
    await type(page, "# mine\n");
    await settled(page);
    // A link in a tab with changed work asks first.
    await page.waitForFunction(() => localStorage.getItem("playground.position"));
    await page.goto(new URL("?lesson=pull&view=query&query=up", page.url()).href);
    await dialog(page, "Open other files?").getByText("The lesson “Pull, not push”", { exact: false }).waitFor();
    await button(page, "Cancel").click();
    await page.locator(".cm-line", { hasText: "# mine" }).waitFor();
    await page.reload();
    await dialog(page, "Open other files?").getByRole("button", { name: "Open", exact: true }).click();
    await pane(page).getByRole("heading", { name: "Pull, not push" }).waitFor();
    page.errors.length = 0;
  });

  test("the share dialog copies a link, a frame and Markdown that lead to the place", async () => {
    const page = await open({ permissions: ["clipboard-read", "clipboard-write"] });
    await page.locator("#tab-targets").click();
    await button(page, "Share").click();
    await dialog(page, "Share").waitFor();
    assert.deepEqual(await violations(page), []);
    const copied = async (name) => {
      if (!(await dialog(page, "Share").count())) await button(page, "Share").click();
      await button(page, name).click();
      await page.locator(".toast", { hasText: "copied to the clipboard" }).last().waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    const link = await copied("Copy the link");
    assert.match(link, /\?view=targets&file=.*&t=.*#w=/);
    await page.waitForFunction(() => location.hash.startsWith("#w=") && !location.search);
    assert.match(await copied("Copy the iframe"), /^<iframe src="http[^"]*embed\.html\?view=targets&amp;file=[^"]*#w=[^"]*" title=/);
    assert.match(await copied("Copy as Markdown"), /^\[Open in the Prometheus Playground\]\(http\S*#w=\S*\)$/);
    const other = await open({ at: link });
    await other.locator("#tab-targets[aria-selected=true]").waitFor();
  });

  test("a lesson is made, tried and solved, and opens from its link and its file", async () => {
    const page = await open({ permissions: ["clipboard-read", "clipboard-write"] });
    await button(page, "Lessons").click();
    await button(page, "Make a lesson of your own").click();
    const form = dialog(page, "A lesson of your own");
    await form.getByText("Gift card", { exact: false }).or(form.getByText("files of", { exact: false })).first().waitFor();
    await button(page, "Try it").click();
    await form.getByText("Add a goal. Guards alone solve nothing.").waitFor();
    await form.getByLabel("Title").fill("Look at the sum");
    await form.getByLabel("Task, at most 120 words", { exact: false }).fill("Find out how many targets are up.");
    await button(page, "Add a goal").click();
    await form.locator("#goal-0-kind").selectOption({ label: "A question, answered with a number" });
    await button(page, "Try it").click();
    await form.getByText("“Question” is empty.").waitFor();
    await form.locator("#goal-0-ask").fill("What is `sum(up)`?");
    await form.locator("#goal-0-hint").fill("Ask it on the page Query.");
    await button(page, "Add a goal").click();
    await form.locator("#goal-1-kind").selectOption({ label: "Guard: a file stays as it is" });
    assert.deepEqual(await violations(page), []);
    await button(page, "Copy link").click();
    await page.locator(".toast", { hasText: "link to the lesson is copied" }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(link, /#l=/);
    const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Download").click()]);
    assert.equal(download.suggestedFilename(), "look-at-the-sum.lesson.json");
    const file = readFileSync(await download.path(), "utf8");
    await button(page, "Try it").click();
    await pane(page).getByRole("heading", { name: "Look at the sum" }).waitFor();
    await settled(page);
    await scrape(page, 2);
    const sum = async (on) => {
      const answer = pane(on).getByRole("textbox");
      await answer.fill("1");
      await answer.press("Enter");
      await pane(on).getByRole("heading", { name: "Solved" }).waitFor({ state: "attached" });
      await pane(on).getByText("Checksum for a teacher").click();
      return pane(on).locator(".checksum").textContent();
    };
    const checksum = await sum(page);
    await page.waitForFunction(() => JSON.parse(localStorage.getItem("playground.learner"))?.open?.progress?.solved);
    await page.reload();
    await pane(page).getByRole("heading", { name: "Solved" }).waitFor({ state: "attached" });

    const other = await open({ at: link });
    await pane(other).getByRole("heading", { name: "Look at the sum" }).waitFor();
    await settled(other);
    await scrape(other, 2);
    assert.equal(await sum(other), checksum);
    const third = await open();
    await third.getByRole("button", { name: "Import", exact: true }).click();
    await third.getByLabel("Files to import").setInputFiles([{ name: "x.lesson.json", mimeType: "application/json", buffer: Buffer.from(file) }]);
    await pane(third).getByRole("heading", { name: "Look at the sum" }).waitFor();
  });

  test("a frame of another site loads after a click, stores nothing and tells its goals", async () => {
    const page = await open();
    const base = new URL(".", page.url()).href;
    const folder = mkdtempSync(join(tmpdir(), "embedder-"));
    writeFileSync(join(folder, "index.html"), `<!doctype html><link rel="icon" href="data:,"><title>Slides</title><script>
      window.told = []; addEventListener("message", ({ data, origin }) => told.push({ ...data, origin }));
    </script><iframe title="playground" width="1200" height="700" src="${base}embed.html?lesson=first-look&theme=dark&readonly=1"></iframe>`);
    const framing = await serve(folder);
    const requests = [];
    await page.goto("about:blank");
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(framing.url);
    const frame = page.frameLocator("iframe");
    await frame.getByText("Lesson: first-look").waitFor();
    const kept = () => page.frames()[1].evaluate(async () => JSON.stringify([localStorage, await indexedDB.databases()]));
    const before = await kept();
    const told = (type) => page.waitForFunction((type) => told.find((one) => one.type === type), type).then((found) => found.jsonValue());
    assert.ok((await told("height")).height > 150);
    assert.ok(!requests.some((url) => url.endsWith(".wasm")), "the poster loads no WebAssembly");
    await frame.getByRole("button", { name: "Run" }).click();
    await frame.getByRole("heading", { name: "A first look" }).waitFor();
    assert.equal((await told("ready")).source, "prometheus-playground");
    assert.equal(await frame.locator("html").getAttribute("data-theme"), "dark");
    await frame.getByRole("link", { name: "Open in the playground" }).waitFor();
    await frame.locator("#editor .cm-content").click();
    await page.keyboard.type("mine");
    assert.equal(await frame.locator("#editor .cm-line", { hasText: "mine" }).count(), 0);
    await frame.getByRole("button", { name: "Gift a card to a nonexistent user" }).click();
    const goal = await told("goal");
    assert.deepEqual([goal.lesson, goal.goal], ["first-look", "gift"]);
    assert.equal(await kept(), before);
    framing.stop();
    rmSync(folder, { recursive: true });
  });

  test("a lesson and a page print without controls", async () => {
    const page = await open({ at: "?lesson=pull", dark: true });
    await pane(page).getByRole("heading", { name: "Pull, not push" }).waitFor();
    await settled(page);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.getByRole("banner").isVisible(), false);
    assert.equal(await page.locator(".clock-bar").isVisible(), false);
    assert.equal(await page.locator(".pane.text").isVisible(), false);
    assert.ok(await page.locator(".lesson .task").isVisible());
    assert.ok(await page.locator("#results").isVisible());
    const colors = await page.locator(".lesson .task p").first().evaluate((p) => [getComputedStyle(p).color, getComputedStyle(document.body).backgroundColor]);
    assert.deepEqual(colors, ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
    const cut = await page.locator(".lesson-body").evaluate((body) => body.scrollHeight - body.clientHeight);
    assert.ok(cut <= 1, "everything of the lesson is on paper");
    const folded = await page.evaluate(() => {
      dispatchEvent(new Event("beforeprint"));
      const closed = document.querySelectorAll("details:not([open])").length;
      dispatchEvent(new Event("afterprint"));
      return closed;
    });
    assert.equal(folded, 0);
  });
});
