// The page as a whole: it opens without errors, in both themes and both widths, and is accessible.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { editorComplete, shown, site, violations } from "./harness.mjs";

const PAGES = ["explain", "config", "cluster", "discovery", "targets", "metrics", "query", "rate-lab", "rules", "checks"];

const open = site();

describe("the page", () => {
  test("opens a scenario with its files and logs no errors to the console", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "prometheus.yaml" }).waitFor();
    await page.locator(".cm-content", { hasText: "job_name" }).waitFor();
  });

  test("allows no script but its own", async () => {
    const page = await open();
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
    const scripts = policy.split(";").find((part) => part.trim().startsWith("script-src"));
    assert.ok(scripts && !scripts.includes("unsafe-inline") && !scripts.includes("'unsafe-eval'"), scripts);
    const refused = page.waitForEvent("console", (message) => message.type() === "error");
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.intruder = true";
      document.body.append(script);
      return window.intruder === true;
    });
    assert.equal(ran, false);
    await refused;
    assert.match(page.errors.splice(0).join("\n"), /Content Security Policy/);
  });

  for (const dark of [false, true]) {
    for (const [width, height] of [[1440, 900], [390, 844]]) {
      test(`has no accessibility violations, ${dark ? "dark" : "light"}, ${width} wide`, async () => {
        const page = await open({ width, height, dark });
        const seen = new Map();
        const look = async (where) => {
          for (const [id, nodes] of await violations(page)) {
            for (const node of nodes) if (!seen.has(id + node)) seen.set(id + node, `${where}: ${id}: ${node}`);
          }
        };
        await look("editor");
        if (width < 800) await page.getByRole("button", { name: "Results" }).click();
        for (const id of PAGES) {
          await page.locator(`#tab-${id}`).click();
          await shown(page);
          await look(id);
        }
        await page.getByRole("button", { name: "Events…" }).click();
        await look("events");
        await page.getByRole("button", { name: "Close", exact: true }).click();
        await page.getByRole("button", { name: "Help", exact: true }).click();
        await look("help");
        assert.deepEqual([...seen.values()], []);
      });
    }
  }

  test("shows the tab of a file that a result leads to, on a phone", async () => {
    const page = await open({ width: 390, height: 844 });
    await page.getByRole("button", { name: "Results", exact: true }).click();
    await page.locator("#tab-cluster").click();
    await page.locator("#results table").getByRole("button", { name: /proxy-service/ }).first().click();
    const tab = page.getByRole("tab", { name: "proxy.yaml", selected: true });
    const [box, bar] = [await tab.boundingBox(), await page.locator(".tabs.files").boundingBox()];
    assert.ok(box.x >= 0 && box.x + box.width <= bar.x + bar.width, JSON.stringify(box));
    for (const name of ["New file", "Rename or remove the file"]) {
      const { x, width } = await page.getByRole("button", { name }).boundingBox();
      assert.ok(x + width <= 390, `${name} at ${x}`);
    }
  });

  test("does not scroll sideways on a phone", async () => {
    const page = await open({ width: 390, height: 844 });
    for (const side of ["Editor", "Results"]) {
      await page.getByRole("button", { name: side, exact: true }).click();
      const [content, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window_, `${side}: ${content} > ${window_}`);
    }
  });

  test("does not scroll sideways in a small window", async () => {
    for (const width of [820, 900, 1000]) {
      const page = await open({ width, height: 800 });
      const content = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(content <= width, `${content} > ${width}`);
    }
  });

  test("is worked with the keyboard alone", async () => {
    const page = await open();
    await page.keyboard.press("Alt+1");
    await page.locator("#tab-explain[aria-selected=true]").waitFor();
    await page.locator("#tab-explain").focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator("#tab-checks[aria-selected=true]:focus").waitFor();
    await page.keyboard.press("Home");
    await page.locator("#tab-explain[aria-selected=true]:focus").waitFor();
    await page.keyboard.press("Alt+5");
    await page.locator("#tab-targets[aria-selected=true]").waitFor();
    await page.keyboard.press("Alt+e");
    await page.locator(".cm-content:focus").waitFor();
    await editorComplete(page);
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("# typed\n");
    await page.locator(".cm-line", { hasText: "# typed" }).waitFor();
    // Typing and the line break are one or two steps in the history, depending on their timing.
    for (let step = 0; step < 3; step++) await page.keyboard.press("Control+z");
    await page.locator(".cm-line", { hasText: "# typed" }).waitFor({ state: "detached" });
    // A dialog begins where one types, and gives the focus back; so does the panel of events.
    const add = page.getByRole("button", { name: "New file" });
    await add.focus();
    await page.keyboard.press("Enter");
    await page.locator("dialog input:focus").waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement.getAttribute("aria-label") === "New file");
    const events = page.getByRole("button", { name: "Events…" });
    await events.focus();
    await page.keyboard.press("Enter");
    await page.locator("#events-panel select:focus").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#events-panel").waitFor({ state: "detached" });
    assert.ok(await events.evaluate((button) => button === document.activeElement));
    await page.keyboard.press("Alt+e");
    // Escape, then Tab: the editor is no trap.
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    assert.equal(await page.locator(".cm-content:focus").count(), 0);
  });

  test("leaves keys to the editor that write another letter there", async () => {
    const page = await open();
    await page.locator(".cm-content").focus();
    // With Option, as on a Mac with other than English keys, and with Alt elsewhere.
    const press = (key) => page.evaluate((key) => {
      const event = new KeyboardEvent("keydown", { key, code: "Digit1", altKey: true, bubbles: true, cancelable: true });
      document.activeElement.dispatchEvent(event);
      return event.defaultPrevented;
    }, key);
    assert.equal(await press("["), false);
    assert.equal(await page.locator("#tab-explain[aria-selected=true]").count(), 0);
    assert.equal(await press("1"), true);
    await page.locator("#tab-explain[aria-selected=true]").waitFor();
  });

  test("shows the theme that was chosen, also after a reload", async () => {
    const page = await open();
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const before = await ground();
    await page.getByRole("button", { name: /^Theme/ }).click();
    await page.getByRole("button", { name: /^Theme/ }).click();
    const dark = await ground();
    assert.notEqual(dark, before);
    await page.waitForFunction(() => JSON.parse(localStorage.getItem("playground.view"))?.theme === "Dark");
    await page.reload();
    await page.locator(".frame").waitFor();
    assert.equal(await ground(), dark);
  });
});
