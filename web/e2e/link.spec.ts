import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { draw, inked, open } from "./pen";

async function copyLink(page: Page): Promise<string> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.locator("#share").click();
  await expect(page.locator("#share")).toHaveText("Link copied");
  return page.evaluate(() => navigator.clipboard.readText());
}

const answer = (page: Page) => page.locator("#answer");
const probabilities = (page: Page) => page.locator("[data-class]").evaluateAll((bars) => bars.map((bar) => (bar as HTMLElement).dataset["probability"]));

test("a link draws the drawing again, and it is read as it was", async ({ page, browser, address }) => {
  await open(page);
  await expect(page.locator("#share")).toBeHidden();
  await draw(page, 4);
  await expect(answer(page)).toHaveAttribute("data-digit", "4");
  const [link, read, ink] = [await copyLink(page), await probabilities(page), await inked(page)];
  expect(link.startsWith(`${address}/#drawing=`)).toBe(true);

  const other = await (await browser.newContext({ viewport: { width: 390, height: 844 }, reducedMotion: "no-preference" })).newPage();
  await other.goto(link.replace("/#", "/?lang=en#"));
  await expect(answer(other)).toHaveAttribute("data-digit", "4");
  await expect.poll(() => probabilities(other)).toEqual(read);
  expect(Math.abs((await inked(other)) - ink)).toBeLessThan(0.01);
  expect(new URL(other.url()).hash).toBe("");
  await other.context().close();
});

test("a link takes nothing away: undo brings back what was on the pad", async ({ page }) => {
  await open(page);
  await draw(page, 4);
  const link = await copyLink(page);
  await page.locator("#clear").click();
  await expect(page.locator("#share")).toHaveText("Copy a link to this drawing");
  await draw(page, 7);
  await expect(answer(page)).toHaveAttribute("data-digit", "7");
  await page.evaluate((hash) => (location.hash = hash), new URL(link).hash);
  await expect(answer(page)).toHaveAttribute("data-digit", "4");
  await page.keyboard.press("Control+z"); // finishes the replay, and takes back its last stroke
  for (let i = 0; i < 9 && (await answer(page).getAttribute("data-digit")) !== "7"; i++) await page.keyboard.press("Control+z");
  await expect(answer(page)).toHaveAttribute("data-digit", "7");
});

test("what somebody does meanwhile finishes the replay first", async ({ page }) => {
  await open(page);
  await draw(page, 4);
  const link = await copyLink(page);
  const whole = await inked(page);
  await page.locator("#clear").click();
  await page.evaluate((hash) => (location.hash = hash), new URL(link).hash);
  await page.keyboard.press("Shift");
  expect(Math.abs((await inked(page)) - whole)).toBeLessThan(0.001);
});

test("a link that was cut says so, and the page reads on", async ({ page }) => {
  await open(page);
  await draw(page, 4);
  const link = await copyLink(page);
  await page.goto("/report?lang=en");
  await page.evaluate(() => sessionStorage.clear());
  for (const hash of [new URL(link).hash.slice(0, -7), "#drawing=", "#drawing=%25%25", "#drawing=AA"]) {
    await page.goto(`/?lang=en&n=${hash.length}${hash}`);
    await expect(page.locator("#broken")).toContainText("not whole");
    await expect(answer(page)).toHaveAttribute("data-verdict", "blank");
  }
});

test("where nothing can be copied the address bar has the link", async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "clipboard"));
  await open(page, "/?lang=en&model=seed");
  await draw(page, 4);
  await page.locator("#share").click();
  await expect(page.locator("#share")).toHaveText("Link in the address bar");
  expect(page.url()).toMatch(/\/\?lang=en&model=seed#drawing=/);
  await page.reload();
  await expect(answer(page)).toHaveAttribute("data-digit", "4");
});
