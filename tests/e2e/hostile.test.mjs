// Texts that want to hurt: pasted into the open file, each gets its diagnostic in bounded time, the
// page goes on, and what was pasted is still there.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { importFiles, settled, site } from "./harness.mjs";

const open = site();

/** What the clipboard has takes the place of the file's text. */
async function paste(page, text) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector(".cm-content").dispatchEvent(event);
  }, text);
}

const bomb = Array.from({ length: 12 }, (_, at) => `a${at}: &a${at} [${Array(9).fill(at ? `*a${at - 1}` : "x").join(", ")}]`);

/** Name, text, what is said of it. */
const TEXTS = [
  ["lists in lists", `a: ${"[".repeat(50_000)}`, /deep/],
  ["blocks in blocks", Array.from({ length: 500 }, (_, at) => `${" ".repeat(at)}k:`).join("\n"), /deep/],
  ["aliases of aliases", bomb.join("\n"), /alias/],
  ["five megabytes", "key: value of a line\n".repeat(250_000), /MiB|megabytes|large/],
  ["one line of a megabyte", `a: "${"x".repeat(1 << 20)}"\nb: [\n`, /\[|bracket/],
  ["NULs", "global:\n  scrape_interval: 1\0s\n", /U\+0000|NUL|character/],
  ["a tab", "global:\n\tscrape_interval: 15s\n", /[Tt]ab/],
  ["half a surrogate pair", "global:\n  scrape_interval: 15s \ud83c\n", /duration/],
  ["markup", "global:\n  <img src=x onerror=alert(1)>: 1\n", /<img src=x onerror=alert\(1\)>/],
];

describe("a hostile text", () => {
  for (const [name, text, said] of TEXTS) {
    test(`is read: ${name}`, async () => {
      const page = await open();
      await page.getByRole("button", { name: "New file" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("prometheus.yml");
      await page.keyboard.press("Enter");
      await paste(page, text);
      await page.locator(".prob", { hasText: said }).first().waitFor({ timeout: 20_000 });
      assert.equal(await page.locator(".prob img, .cm-content img[src]").count(), 0);
      // The page and its worker go on.
      await page.locator("#tab-config").click();
      await page.locator("#tab-config[aria-selected=true]").waitFor();
      await page.locator("#tab-targets").click();
      await page.getByText("Expected targets").waitFor();
    });
  }

  test("with Windows line ends that is imported has its mistakes underlined where they stand", async () => {
    const page = await open();
    const text = "# a\r\n# b\r\nglobal:\r\n  scrape_intervall: 15s\r\n";
    await importFiles(page, ["prometheus.yml", text]);
    const mistake = page.locator(".cm-lintRange-error").first();
    await mistake.waitFor();
    assert.equal(await mistake.textContent(), "scrape_intervall");
  });

  test("with a byte order mark and Windows line ends is a good one", async () => {
    const page = await open();
    await paste(page, "\ufeffapiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: a}\r\n");
    await page.locator(".cm-line", { hasText: "metadata: {name: a}" }).waitFor();
    await settled(page);
    assert.equal(await page.locator(".prob .dot.bad").filter({ hasText: "prometheus.yaml" }).count(), 0);
  });
});
