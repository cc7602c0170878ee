// Random actions with fixed seeds: clicks, keys, texts, choices. Afterwards the page has reported no error and
// started no second worker, everything was answered, and a reload shows the same texts.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ready, settled, site } from "./harness.mjs";

const open = site({ longest: 240_000 });

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const ACTIONS = 300;

/** A generator of numbers from 0 to 1 (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TEXTS = [
  "a: 1\n", "- ", "\t", "{{ .Values.x }}", "  - job_name: x\n", "labels: {app: x}\n", "${VAR}", "---\n", "&a [*a]", "\"", "'", "[",
  "scrape_interval: 1s\n", "kind: Pod\n", "sum(rate(up[5m]))", "\u{1f980}", "é\u0301", "\0", "0x10", "1e999", "# comment\n", "<b>x</b>",
];

const KEYS = [
  "Enter", "Backspace", "Delete", "Tab", "Escape", "ArrowDown", "ArrowUp", "ArrowRight", "PageDown", "Home", "End", "Control+z",
  "Control+y", "Control+Space", "Control+a", "Control+f", "Control+d", "Control+s", "Control+Home", "Control+End", "Alt+ArrowUp", "F8", "?",
];

/** Clicks one of the controls in view. Links to other sites stay closed. */
function click(random) {
  const controls = [...document.querySelectorAll("button, [role=tab], [role=option], [role=menuitem], summary, a[href], input[type=checkbox], input[type=radio], td, tr[tabindex]")];
  const usable = controls.filter((one) => {
    const box = one.getBoundingClientRect();
    const outside = one.matches("a[target=_blank], a[href^='http'], a[download], input[type=file]");
    return !outside && !one.disabled && box.width > 0 && box.top < innerHeight && box.bottom > 0;
  });
  // A modal dialog takes all clicks.
  const dialog = document.querySelector("dialog:modal");
  const reached = dialog ? usable.filter((one) => dialog.contains(one)) : usable;
  reached[Math.floor(random * reached.length)]?.click();
}

/** Chooses an option of one of the lists in view. */
function choose([which, option]) {
  const lists = [...document.querySelectorAll("select")].filter((one) => one.offsetParent && !one.disabled);
  const list = lists[Math.floor(which * lists.length)];
  if (!list || !list.options.length) return;
  list.selectedIndex = Math.floor(option * list.options.length);
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Puts the focus into the editor or one of the fields in view. */
function focus(random) {
  const fields = [...document.querySelectorAll(".cm-content, input:not([type=file], [type=checkbox], [type=radio]), textarea")];
  const usable = fields.filter((one) => one.getBoundingClientRect().width > 0 && !one.disabled);
  usable[Math.floor(random * usable.length)]?.focus();
}

async function act(page, random) {
  const kind = random();
  if (kind < 0.5) return page.evaluate(click, random());
  if (kind < 0.57) return page.evaluate(choose, [random(), random()]);
  if (kind < 0.65) return page.evaluate(focus, random());
  if (kind < 0.68) {
    const [width, height] = random() < 0.5 ? [390, 844] : [1440, 900];
    return page.setViewportSize({ width, height });
  }
  if (kind < 0.84) return page.keyboard.insertText(TEXTS[Math.floor(random() * TEXTS.length)]);
  return page.keyboard.press(KEYS[Math.floor(random() * KEYS.length)]);
}

/** Closes menus, and dialogs that are open or come later. */
async function closeAll(page) {
  await page.addLocatorHandler(page.locator("dialog:modal"), () => page.keyboard.press("Escape"));
  await page.keyboard.press("Escape");
}

/** The names of the files and the text of each, as the editor copies it. */
async function texts(page) {
  await page.setViewportSize({ width: 1440, height: 900 });
  const found = {};
  const tabs = page.getByRole("tablist", { name: "Files" }).getByRole("tab");
  for (let at = 0; at < await tabs.count(); at++) {
    await tabs.nth(at).click();
    await page.getByRole("tablist", { name: "Files" }).locator("[aria-selected=true]").waitFor();
    const editor = page.getByRole("textbox", { name: "Text of the file" });
    await editor.focus();
    await page.keyboard.press("Control+a");
    const text = await editor.evaluate((content) => {
      const data = new DataTransfer();
      content.dispatchEvent(new ClipboardEvent("copy", { clipboardData: data, bubbles: true, cancelable: true }));
      return data.getData("text/plain");
    });
    // A tab has the name, and the number of findings if there are some.
    const name = await tabs.nth(at).evaluate((tab) => tab.firstChild.textContent);
    found[name] = text;
  }
  return found;
}

/** Before all scripts: counts the workers. */
const countWorkers = () => {
  window.started = 0;
  window.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      window.started += 1;
    }
  };
};

describe("random actions", () => {
  for (const seed of SEEDS) {
    test(`leave a page that works: seed ${seed}`, async () => {
      const random = generator(seed);
      const page = await open({ first: countWorkers });
      page.on("dialog", (dialog) => dialog.dismiss());
      for (let done = 0; done < ACTIONS; done++) await act(page, random);
      await settled(page);
      await closeAll(page);
      await settled(page);
      assert.equal(await page.evaluate(() => window.started), 1, "workers");
      const before = await texts(page);
      assert.ok(Object.keys(before).length > 0, "files");
      await settled(page);
      await page.reload();
      await ready(page);
      assert.deepEqual(await texts(page), before);
    });
  }
});
