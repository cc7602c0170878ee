// Pictures of the running page, for looking at: node scripts/shots.mjs FOLDER [page ...]
import { mkdirSync } from "node:fs";
import { launch, open, serve } from "../tests/e2e/harness.mjs";

const [folder = "/tmp/shots", ...pages] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const server = await serve();
const browser = await launch();
for (const [name, width, height] of [["wide", 1440, 900], ["phone", 390, 844]]) {
  for (const dark of [false, true]) {
    const page = await open(browser, server.url, { width, height, dark });
    for (let n = 0; n < 12; n++) await page.getByRole("button", { name: "1 scrape" }).click();
    const gift = page.getByRole("button", { name: "Gift a card" }).first();
    await gift.click();
    for (let n = 0; n < 6; n++) await page.getByRole("button", { name: "1 scrape" }).click();
    for (const id of pages.length ? pages : ["explain", "targets", "discovery", "metrics", "query"]) {
      if (name === "phone") await page.getByRole("button", { name: "Results" }).click();
      await page.locator(`#tab-${id}`).click();
      await page.waitForTimeout(400);
      await page.screenshot({ path: `${folder}/${id}-${name}-${dark ? "dark" : "light"}.png` });
    }
    if (name === "phone") {
      await page.getByRole("button", { name: "Editor" }).click();
      await page.waitForTimeout(200);
      await page.screenshot({ path: `${folder}/editor-${name}-${dark ? "dark" : "light"}.png` });
    }
    if (page.errors.length) console.error(name, dark, page.errors);
    await page.context().close();
  }
}
await browser.close();
server.stop();
