// Own work is never destroyed: several workspaces in storage, two tabs, and links that want to hurt.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { importFiles, ready, scenario, settled, share, site, stored, type, workspaces } from "./harness.mjs";

const open = site();
const dialog = (page) => page.getByRole("dialog");
const line = (page, text) => page.locator(".cm-line", { hasText: text });
const confirm = (page) => dialog(page).getByRole("button", { name: "Open", exact: true }).click();

/** The fragment of a link that contains this work. */
function fragment(work) {
  const json = typeof work === "string" ? work : JSON.stringify({ scenario: "", active: 1, past: { now: 0, events: [] }, ...work });
  return `#w=${deflateRawSync(json).toString("base64url")}`;
}

const file = (text, name = "prometheus.yml") => ({ id: 1, name, text });

/** Opens another tab of the same browser. */
async function tab(page, at = "") {
  const other = await page.context().newPage();
  other.on("pageerror", (error) => page.errors.push(String(error)));
  await other.goto(new URL(at, page.url().split("#")[0]).href);
  await ready(other);
  return other;
}

async function showList(page) {
  await page.getByRole("button", { name: /^Workspaces/ }).click();
  await dialog(page).getByRole("heading", { name: "Workspaces" }).waitFor();
}

const names = (page) => dialog(page).locator(".workspaces .name").allTextContents();

/** Puts a link into the address of the open page, as another origin can. */
const navigate = (page, hash) => page.evaluate((hash) => { location.hash = hash; }, hash);

describe("own work", () => {
  test("is kept when a link replaces it, after a question, over a reload", async () => {
    const page = await open();
    await type(page, "# mine\n");
    await navigate(page, fragment({ files: [file("# of the link\n")] }));
    await dialog(page).getByText("“My work, ").waitFor();
    await dialog(page).getByRole("button", { name: "Cancel" }).click();
    await line(page, "# mine").waitFor();

    await navigate(page, fragment({ files: [file("# of the link\n")] }));
    await confirm(page);
    await line(page, "# of the link").waitFor();
    await page.locator(".toast", { hasText: "are kept" }).getByRole("button", { name: "Close" }).click();
    await stored(page, "# of the link");
    await page.reload();
    await ready(page);
    await line(page, "# of the link").waitFor();
    await showList(page);
    const [first, second] = await names(page);
    assert.match(first, /^From a link, \d\d:\d\d$/);
    assert.match(second, /^My work, \d\d:\d\d$/);
    await dialog(page).getByRole("button", { name: second, exact: true }).press("Enter");
    await line(page, "# mine").waitFor();
    await page.reload();
    await ready(page);
    await line(page, "# mine").waitFor();
  });

  test("is kept when files are imported", async () => {
    const page = await open();
    await type(page, "# mine\n");
    await importFiles(page, ["a.yml", "# imported\n"]);
    await line(page, "# imported").waitFor();
    await stored(page, "# imported");
    await page.reload();
    await ready(page);
    await showList(page);
    assert.equal((await names(page)).length, 2);
  });

  test("is not asked about in a new tab with a link, and stays in the list", async () => {
    const page = await open();
    await type(page, "# mine\n");
    await stored(page, "# mine");
    const other = await tab(page, fragment({ files: [file("# of the link\n")] }));
    await line(other, "# of the link").waitFor();
    assert.equal(await dialog(other).count(), 0);
    await showList(other);
    await dialog(other).getByRole("button", { name: /^My work/ }).waitFor();
    await line(page, "# mine").waitFor();
  });

  test("gets names, is deleted, and comes back, with the keyboard", async () => {
    const page = await open();
    await type(page, "# mine\n");
    await scenario(page, "Wiki chart");
    await confirm(page);
    await type(page, "# wiki\n");
    await stored(page, "# wiki");
    await showList(page);
    await dialog(page).getByRole("button", { name: /^Rename My work/ }).first().press("Enter");
    const field = dialog(page).getByRole("textbox", { name: "Name of the workspace" });
    await field.fill("Wiki at home");
    await field.press("Enter");
    await dialog(page).getByRole("button", { name: "Rename Wiki at home" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Rename Wiki at home");
    await dialog(page).getByRole("button", { name: /^Rename My work/ }).press("Enter");
    await field.fill("never");
    await field.press("Escape");
    await field.waitFor({ state: "detached" });
    const gone = dialog(page).getByRole("button", { name: /^My work/ });
    await dialog(page).getByRole("button", { name: /^Delete My work/ }).press("Enter");
    await gone.waitFor({ state: "detached" });
    await page.reload();
    await ready(page);
    await showList(page);
    assert.equal((await names(page))[0], "Wiki at home");
    await dialog(page).getByRole("button", { name: /^Undo the deletion of My work/ }).press("Enter");
    await gone.press("Enter");
    await line(page, "# mine").waitFor();
  });

  test("of more than 5 MB survives a reload", async () => {
    const page = await open();
    const text = `${"# five megabytes are more than local storage holds\n".repeat(130_000)}# the last line\n`;
    await importFiles(page, ["a.yml", text]);
    await line(page, "# five megabytes").first().waitFor();
    await stored(page, "# the last line");
    await page.reload();
    await ready(page);
    await line(page, "# five megabytes").first().waitFor();
    assert.equal((await workspaces(page)).find(({ own }) => own).bytes, text.length);
  });

  test("of an earlier version of the page is taken over", async () => {
    const work = { scenario: "", active: 1, past: { now: 5_000, events: [] }, files: [file("# earlier\n")] };
    const page = await open({
      first: `if (!sessionStorage.seen) { sessionStorage.seen = 1; localStorage.setItem("playground.work", ${JSON.stringify(JSON.stringify(work))}); }`,
    });
    await line(page, "# earlier").waitFor();
    assert.equal(await page.evaluate(() => localStorage.getItem("playground.work")), null);
    await page.reload();
    await ready(page);
    await line(page, "# earlier").waitFor();
  });

  test("is not lost when the page closes before the database has stored it", async () => {
    const page = await open();
    await type(page, "# late\n");
    await page.evaluate(() => {
      // A database that is too slow for a page that closes.
      IDBObjectStore.prototype.put = () => { throw new DOMException("too late", "AbortError"); };
    });
    await type(page, "# later still\n");
    await page.reload();
    await ready(page);
    await line(page, "# later still").waitFor();
  });
});

describe("two tabs", () => {
  /** Two tabs that show the same work. */
  async function both() {
    const page = await open();
    await type(page, "# base\n");
    await stored(page, "# base");
    const other = await tab(page);
    await line(other, "# base").waitFor();
    return [page, other];
  }

  test("an idle tab that is closed or reloaded does not bring back its older text", async () => {
    const hide = (page) => page.evaluate(() => dispatchEvent(new Event("pagehide")));
    const page = await open();
    await type(page, "# base\n");
    await hide(page);
    const other = await tab(page);
    await line(other, "# base").waitFor();
    await type(other, "# newer\n");
    await hide(other);
    await hide(page);
    await page.reload();
    await ready(page);
    await line(page, "# newer").waitFor({ timeout: 10_000 });
    const third = await tab(page);
    await line(third, "# newer").waitFor({ timeout: 10_000 });
  });

  test("an idle tab takes over the newer text, and does not write", async () => {
    const [page, other] = await both();
    await type(other, "# newer\n");
    await stored(other, "# newer");
    await line(page, "# newer").waitFor();
    // The other tab stores once more when the objects have followed its text.
    await stored(other, "# newer", '"stored":null');
    const [before] = (await workspaces(page)).filter(({ own }) => own);
    await page.evaluate(() => dispatchEvent(new Event("pagehide")));
    await page.reload();
    await ready(page);
    await line(page, "# newer").waitFor();
    const [after] = (await workspaces(page)).filter(({ own }) => own);
    assert.deepEqual([after.revision, after.work], [before.revision, before.work]);
  });

  for (const [choice, here, kept] of [
    ["Keep this tab's version", "# here", ["# here"]],
    ["Keep the other version", "# there", ["# there"]],
    ["Keep both", "# here", ["# here", "# there"]],
  ]) {
    test(`that changed the same work show both versions: ${choice}`, async () => {
      const [page, other] = await both();
      // The tab gets no message of the other, as if both stored at the same moment.
      await page.evaluate(() => {
        BroadcastChannel.prototype.postMessage = () => {};
        addEventListener("message", (event) => event.stopImmediatePropagation(), true);
      });
      await other.evaluate(() => { BroadcastChannel.prototype.postMessage = () => {}; });
      await type(other, "# there\n");
      await stored(other, "# there");
      await type(page, "# here\n");
      await dialog(page).getByRole("heading", { name: "Changed in two tabs" }).waitFor();
      await dialog(page).locator(".versions pre", { hasText: "# here" }).waitFor();
      await dialog(page).locator(".versions pre", { hasText: "# there" }).waitFor();
      await dialog(page).getByRole("button", { name: choice }).click();
      await line(page, here).waitFor();
      await stored(page, kept[0]);
      const own = (await workspaces(page)).filter(({ own }) => own);
      assert.equal(own.length, kept.length);
      for (const text of kept) assert.ok(own.some(({ work }) => work.includes(text)), text);
    });
  }
});

describe("a link", () => {
  const HOSTILE = [
    ["a time near the end of 64 bits", `{"scenario":"","active":1,"files":[{"id":1,"name":"a","text":""}],"past":{"now":2049638230412172402,"events":[]}}`, /the limit is 32 days/],
    ["an event there", `{"scenario":"","active":1,"files":[{"id":1,"name":"a","text":""}],"past":{"now":0,"events":[{"at":18446744073709551614,"label":"x","action":"reload @ *"}]}}`, /the limit is 32 days/],
    ["no files", { files: [] }, /it contains no files/],
    ["1,001 files", { files: Array.from({ length: 1_001 }, (_, at) => file("", `${at}`)) }, /1,001 files; the limit is 1,000/],
    ["a name of a thousand letters", { files: [file("", "n".repeat(1_000))] }, /the limit is 255/],
    ["2,001 events", { files: [file("")], past: { now: 0, events: Array(2_001).fill({ at: 1, label: "x", action: "reload @ *" }) } }, /the limit is 2,000/],
    ["text of 9 MB", { files: [file("#".repeat(9 << 20))] }, /the limit of 8 MB/],
  ];
  for (const [name, work, said] of HOSTILE) {
    test(`that contains ${name} is refused with the limit`, async () => {
      const page = await open();
      await type(page, "# mine\n");
      await navigate(page, fragment(work));
      await page.locator(".toast", { hasText: said }).waitFor({ timeout: 10_000 });
      await line(page, "# mine").waitFor();
      await type(page, "# alive\n");
      await line(page, "# alive").waitFor();
    });
  }

  test("of a gigabyte of zeros is given up early", async () => {
    const page = await open();
    const hash = `#w=${deflateRawSync(Buffer.alloc(700 << 20)).toString("base64url")}`;
    const inflated = page.evaluate((hash) => new Promise((resolve) => {
      let bytes = 0;
      const { read } = ReadableStreamDefaultReader.prototype;
      ReadableStreamDefaultReader.prototype.read = async function () {
        const result = await read.call(this);
        bytes += result.value?.length ?? 0;
        return result;
      };
      new MutationObserver(() => {
        if (document.querySelector(".toast")) resolve(bytes);
      }).observe(document.body, { childList: true, subtree: true });
      location.hash = hash;
    }), hash);
    await page.locator(".toast", { hasText: /the limit of 8 MB/ }).waitFor();
    assert.ok(await inflated < 12 << 20, `${await inflated} bytes were inflated`);
  });

  test("is offered only if it can be opened", async () => {
    const page = await open();
    const text = "# the same line repeated, which compresses well\n".repeat(90_000);
    await importFiles(page, ["a.yml", text]);
    await line(page, "# the same line").first().waitFor();
    await settled(page);
    await share(page);
    await page.waitForFunction(() => location.hash.startsWith("#w="));
    const other = await open({ at: page.url() });
    await line(other, "# the same line").first().waitFor();
  });

  test("is not offered for text over the limit, which is said", async () => {
    const page = await open();
    await importFiles(page, ["a.yml", "# a line of text\n".repeat(600_000)]);
    await line(page, "# a line of text").first().waitFor();
    await share(page);
    await page.locator(".toast", { hasText: /cannot be shared as a link: .*limit of 8 MB/ }).waitFor();
    assert.equal(new URL(page.url()).hash, "");
  });
});
