// Takes pictures of every page and dialog of the built page, in light and dark, on a desktop and on a
// phone: node scripts/shots.mjs FOLDER [NAME ...]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, open, scenario, scrape, serve, shown } from "../tests/e2e/harness.mjs";

const [folder = "/tmp/shots", ...only] = process.argv.slice(2);
const wanted = (name) => only.length === 0 || only.includes(name);
const PAGES = ["explain", "config", "cluster", "discovery", "targets", "metrics", "query", "rate-lab", "rules", "checks"];
const SIZES = [["desktop", 1440, 900], ["phone", 390, 844]];

/** Dialogs and panels: how each is opened and closed. */
const DIALOGS = {
  help: { button: "Help" },
  "new-file": { button: "New file" },
  file: { button: "Rename or remove the file" },
  import: { button: "Import", wide: true },
};

async function pages(page, phone, shot) {
  for (const id of PAGES.filter(wanted)) {
    if (phone) await page.getByRole("button", { name: "Results", exact: true }).click();
    await page.locator(`#tab-${id}`).click();
    await shown(page);
    await shot(id);
  }
}

async function dialogs(page, phone, shot) {
  if (phone) await page.getByRole("button", { name: "Editor", exact: true }).click();
  if (wanted("editor")) await shot("editor");
  for (const [name, { button, wide }] of Object.entries(DIALOGS)) {
    if (!wanted(name) || (phone && wide)) continue;
    await page.getByRole("button", { name: button, exact: true }).click();
    await page.locator("dialog[open]").waitFor();
    await shot(name);
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
  }
  if (wanted("events")) {
    await page.getByRole("button", { name: "Events…" }).click();
    await page.locator("#events-panel").waitFor();
    await shot("events");
    await page.keyboard.press("Escape");
  }
}

async function pictures(browser, url, [size, width, height], dark) {
  const page = await open(browser, url, { width, height, dark });
  const phone = size === "phone";
  const shot = (name) => page.screenshot({ path: join(folder, `${name}-${size}-${dark ? "dark" : "light"}.png`), animations: "disabled" });
  await scrape(page, 12);
  await page.getByRole("button", { name: "Gift a card" }).first().click();
  await scrape(page, 6);
  await pages(page, phone, shot);
  await dialogs(page, phone, shot);
  if (wanted("rules")) {
    await scenario(page, "Jewelry shop");
    if (phone) await page.getByRole("button", { name: "Results", exact: true }).click();
    await page.locator("#tab-rules").click();
    await page.getByRole("region", { name: "jewelry-shop" }).waitFor();
    await shot("rules");
  }
  if (page.errors.length) console.error(size, dark ? "dark" : "light", page.errors);
  await page.context().close();
}

mkdirSync(folder, { recursive: true });
const server = await serve();
const browser = await launch();
try {
  for (const size of SIZES) for (const dark of [false, true]) await pictures(browser, server.url, size, dark);
} finally {
  await browser.close();
  server.stop();
}
