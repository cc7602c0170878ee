// The picture in the README, made from the built page: make screenshot
import { launch, open, root, serve } from "../tests/e2e/harness.mjs";

const server = await serve();
const browser = await launch();
const page = await open(browser, server.url, { width: 1440, height: 900, deviceScaleFactor: 1 });
const scrape = async (times) => {
  for (let n = 0; n < times; n++) {
    await page.getByRole("button", { name: "1 scrape" }).click();
    await page.waitForTimeout(30);
  }
};
await scrape(14);
await page.getByRole("button", { name: "Gift a card to a nonexistent user", exact: true }).click();
await scrape(8);
await page.getByRole("button", { name: "Gift a card to a nonexistent user", exact: true }).click();
await scrape(3);
await page.locator("#tab-query").click();
await page.waitForTimeout(600);
await page.screenshot({ path: `${root}/docs/page.png` });
await browser.close();
server.stop();
