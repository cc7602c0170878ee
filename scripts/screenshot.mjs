// The picture in the README, made from the built page: make screenshot
import { launch, open, replace, root, serve, settled } from "../tests/e2e/harness.mjs";

const server = await serve();
const browser = await launch();
const page = await open(browser, server.url, { width: 1440, height: 900, deviceScaleFactor: 1 });
const click = (name) => page.getByRole("button", { name, exact: true }).click();
// Purchases without a recipient, a restart, then a port that the Service does not have.
for (let scrape = 0; scrape < 18; scrape++) {
  for (let gift = 0; gift < [0, 1, 2, 1, 0, 3][scrape % 6]; gift++) await click("Gift a card to a nonexistent user");
  if (scrape === 11) await click("Restart proxy");
  await click("1 scrape");
}
await replace(page, "proxy-service:8080", "proxy-service:8081");
for (let scrape = 0; scrape < 3; scrape++) await click("1 scrape");
await page.getByText("DOWN").first().waitFor();
await page.locator(".cm-line", { hasText: "metadata" }).click();
await settled(page);
await page.screenshot({ path: `${root}/docs/page.png` });
await browser.close();
server.stop();
