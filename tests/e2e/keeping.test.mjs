// Work is kept over a reload, over the end of a worker, and without storage.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ready, scenario, settled, share, site, type } from "./harness.mjs";

const open = site();

describe("work", () => {
  test("survives a reload: text, file, page", async () => {
    const page = await open();
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    await type(page, "# mine 𝄞\n");
    await page.locator("#tab-targets").click();
    await page.reload();
    await ready(page);
    await page.locator(".cm-line", { hasText: "# mine 𝄞" }).waitFor();
    assert.equal(await page.getByRole("tab", { name: "proxy.yaml" }).getAttribute("aria-selected"), "true");
    assert.equal(await page.locator("#tab-targets").getAttribute("aria-selected"), "true");
  });

  test("survives a job that never ends", async () => {
    const page = await open({ at: "?debug" });
    await page.getByRole("button", { name: "Help", exact: true }).click();
    await page.getByRole("button", { name: "never ends" }).click();
    await page.getByRole("button", { name: "Close" }).click();
    // The page stays alive while the worker does not.
    await type(page, "# still here\n");
    await page.getByText("A request took too long and was canceled").waitFor({ timeout: 20_000 });
    await page.locator(".cm-line", { hasText: "# still here" }).waitFor();
    // The new worker answers.
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("- [\n");
    await page.locator(".prob").first().waitFor();
  });

  test("goes on where storage is forbidden, which is said once, and nothing is lost while the page is open", async () => {
    const page = await open({
      first: () => {
        for (const name of ["localStorage", "indexedDB"]) {
          Object.defineProperty(window, name, {
            get() {
              window.attempts = (window.attempts ?? 0) + 1;
              throw new DOMException("no", "SecurityError");
            },
          });
        }
      },
    });
    await type(page, "# a\n");
    await page.getByText("Your work cannot be saved: the browser does not allow it").waitFor();
    const attempts = await page.evaluate(() => window.attempts);
    await type(page, "# b\n");
    await page.waitForFunction((was) => window.attempts > was, attempts);
    await settled(page);
    assert.equal(await page.getByText("Your work cannot be saved").count(), 1);
    await scenario(page, "Wiki chart");
    await page.getByRole("dialog").getByText("cannot be saved").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Open", exact: true }).click();
    await page.getByRole("button", { name: /^Workspaces/ }).click();
    await page.getByRole("button", { name: /^My work/ }).click();
    await page.locator(".cm-line", { hasText: "# b" }).waitFor();
  });

  test("goes on where storage is full", async () => {
    const page = await open({
      first: () => {
        const full = () => {
          throw new DOMException("The quota has been exceeded", "QuotaExceededError");
        };
        Storage.prototype.setItem = full;
        IDBObjectStore.prototype.put = full;
      },
    });
    await type(page, "# a\n");
    await page.getByText("Your work cannot be saved: the storage of the browser is full").waitFor();
    await page.locator(".cm-line", { hasText: "# a" }).waitFor();
  });

  test("opens from a link, and a broken link says so", async () => {
    const page = await open();
    await type(page, "# shared\n");
    await share(page);
    await page.waitForFunction(() => location.hash.startsWith("#w="));
    const other = await open({ at: page.url() });
    await other.locator(".cm-line", { hasText: "# shared" }).waitFor();
    assert.equal(new URL(other.url()).hash, "");
    const broken = await open({ at: "#w=abc" });
    await broken.getByText("The link could not be opened: it is incomplete or was changed").waitFor();
  });

  test("that was shared and then changed survives a reload as it was changed", async () => {
    const page = await open();
    await share(page);
    await page.waitForFunction(() => location.hash.startsWith("#w="));
    const link = page.url();
    await type(page, "# later\n");
    await page.waitForFunction(() => location.hash === "");
    await page.reload();
    await ready(page);
    await page.locator(".cm-line", { hasText: "# later" }).waitFor();
    // The link goes into the address bar of the page that is open.
    await page.evaluate((link) => { location.href = link; }, link);
    await page.getByRole("dialog").getByRole("button", { name: "Open", exact: true }).click();
    await page.locator(".cm-line", { hasText: "# later" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.locator(".cm-line", { hasText: "# later" }).waitFor();
  });

  test("gives way to another scenario, and can be taken back", async () => {
    const page = await open();
    await scenario(page, "Wiki chart");
    await page.getByRole("tab", { name: "prometheus-configmap.yaml" }).waitFor();
    assert.equal(await page.locator(".toast").count(), 0, "nothing was lost");
    await type(page, "# mine\n");
    await scenario(page, "Gift cards");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    assert.equal(await page.getByLabel("Scenario").inputValue(), "wiki-chart");
    await scenario(page, "Gift cards");
    await page.getByRole("dialog").getByRole("button", { name: "Open", exact: true }).click();
    await page.locator(".toast", { hasText: "are kept as “My work" }).getByRole("button", { name: "Undo" }).click();
    await page.locator(".cm-line", { hasText: "# mine" }).waitFor();
    assert.equal(await page.getByLabel("Scenario").inputValue(), "wiki-chart");
    assert.equal(await page.locator(".toast").count(), 0);
  });

  test("has files that get other names and go, and come back", async () => {
    const page = await open();
    const files = page.getByRole("tablist", { name: "Files" });
    await page.getByRole("tab", { name: "proxy.yaml" }).click();
    await page.getByRole("button", { name: "Rename or remove the file" }).click();
    const name = page.getByRole("textbox", { name: "Name" });
    await name.fill("prometheus.yaml");
    await page.keyboard.press("Enter");
    assert.match(await name.evaluate((field) => field.validationMessage), /named prometheus.yaml already/);
    await name.fill("app.yaml");
    await page.keyboard.press("Enter");
    await files.getByRole("tab", { name: "app.yaml", selected: true }).waitFor();
    assert.equal(await files.getByRole("tab", { name: "proxy.yaml" }).count(), 0);
    await page.getByRole("button", { name: "Rename or remove the file" }).click();
    await page.getByRole("button", { name: "Remove the file", exact: true }).click();
    await page.getByText("lookup proxy-service").first().waitFor();
    assert.equal(await files.getByRole("tab").count(), 3);
    await page.locator(".toast", { hasText: "Removed app.yaml" }).getByRole("button", { name: "Undo" }).click();
    await files.getByRole("tab", { name: "app.yaml" }).waitFor();
  });

  test("on a page of results survives a reload", async () => {
    const page = await open();
    await page.locator("#tab-discovery").click();
    await page.getByRole("button", { name: "Try rules on labels" }).click();
    await page.getByLabel("Labels", { exact: true }).fill("kept=yes");
    await page.locator("#tab-query").click();
    await page.locator(".query-input .cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("vector(42)");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    await page.locator(".legend, #query-answer").getByText("42").first().waitFor();
    await page.reload();
    await ready(page);
    await page.locator(".query-input .cm-content", { hasText: "vector(42)" }).waitFor();
    await page.locator("#tab-discovery").click();
    assert.equal(await page.getByLabel("Labels", { exact: true }).inputValue(), "kept=yes");
  });

  test("leaves as an archive", async () => {
    const page = await open();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    assert.equal((await download).suggestedFilename(), "prometheus-playground.zip");
  });
});
