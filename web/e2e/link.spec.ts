import type { Page } from "@playwright/test";
import type { Stroke } from "../src/drawing";
import { fromFragment, toFragment } from "../src/link";
import { expect, test } from "./fixtures";
import { digits } from "./digits";
import { draw, inked, open } from "./pen";

test.describe("the fragment", () => {
  const two: Stroke[] = [[{ x: 0, y: 1 }, { x: 1, y: 0 }, { x: 0.1234, y: 0.5 }], [{ x: 0.9999, y: 0.0001 }]];
  const many = (strokes: number, points: number): Stroke[] => Array.from({ length: strokes }, () => Array.from({ length: points }, (_, i) => ({ x: (i % 2) / 2, y: 0.5 })));
  const bytes = (...values: number[]) => `#drawing=${Buffer.from(values).toString("base64url")}`;

  test("holds a drawing to the point", () => {
    expect(fromFragment(`#${toFragment(two)}`)).toEqual(two);
    expect(toFragment(two)).toMatch(/^drawing=[\w-]+$/);
  });

  test("holds no more than a digit has", () => {
    const thin = fromFragment(toFragment(many(1, 9_000))!)!;
    expect(thin[0]!.length).toBeLessThanOrEqual(3_001);
    expect(fromFragment(toFragment(many(100, 100))!)).toHaveLength(100);
    expect(toFragment(many(101, 1))).toBeNull();
  });

  for (const [what, fragment] of Object.entries({
    "nothing": "#drawing=",
    "no base64": "#drawing=%25%25",
    "no strokes": bytes(0),
    "a stroke without points": bytes(1, 0),
    "a point cut off": bytes(1, 1, 2),
    "a stroke cut off": bytes(2, 1, 2, 2),
    "more than the drawing": bytes(1, 1, 2, 2, 2),
    "a point left of the pad": bytes(1, 1, 1, 2),
    "a point below it": bytes(1, 1, 2, 0xff, 0xff, 0x03),
    "a number without end": bytes(1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2),
    "101 strokes": bytes(101, ...Array.from({ length: 101 }, () => [1, 0, 0]).flat()),
    "a million points": bytes(1, 0xc0, 0x84, 0x3d, 0, 0),
  })) {
    test(`is refused with ${what}`, () => expect(fromFragment(fragment)).toBeNull());
  }

  test("of something else is left alone", () => {
    for (const other of ["", "#", "#content", "#drawings=AA"]) expect(fromFragment(other)).toBeUndefined();
  });
});

const label = "Copy a link to this drawing";

async function copyLink(page: Page): Promise<string> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: label }).click();
  await expect(page.locator("#shared")).toHaveText("Copied");
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Draws a 4, and gives its link and how much ink it has. */
async function linkToFour(page: Page): Promise<[string, number]> {
  await open(page);
  await draw(page, 4);
  await expect(answer(page)).toHaveAttribute("data-digit", "4");
  return [await copyLink(page), await inked(page)];
}

const answer = (page: Page) => page.locator("#answer");
const probabilities = (page: Page) => page.locator("[data-class]").evaluateAll((bars) => bars.map((bar) => (bar as HTMLElement).dataset["probability"]));
const paste = (page: Page, link: string) => page.evaluate((hash) => (location.hash = hash), new URL(link).hash);

test("a link draws the drawing again, and it is read as it was", async ({ page, address }) => {
  await open(page);
  await expect(page.getByRole("button", { name: label })).toBeDisabled();
  const [link, ink] = await linkToFour(page);
  const read = await probabilities(page);
  expect(link.startsWith(`${address}/#drawing=`)).toBe(true);

  const other = await page.context().newPage(); // a tab has a drawing of its own
  await other.setViewportSize({ width: 390, height: 844 });
  await other.goto(link.replace("/#", "/?lang=en#"));
  await expect(answer(other)).toHaveAttribute("data-digit", "4");
  await expect.poll(() => probabilities(other)).toEqual(read);
  expect(Math.abs((await inked(other)) - ink)).toBeLessThan(0.01);
  expect(new URL(other.url()).hash).toBe("");
});

test("the replay takes its time", async ({ page }) => {
  const [link, ink] = await linkToFour(page);
  await page.locator("#clear").click();
  await page.clock.install();
  await paste(page, link);
  await page.clock.runFor(500);
  expect(await inked(page)).toBeGreaterThan(0.1 * ink);
  expect(await inked(page)).toBeLessThan(0.7 * ink);
  await page.clock.runFor(6_000);
  expect(Math.abs((await inked(page)) - ink)).toBeLessThan(0.001);
});

test("with reduced motion it is there at once", async ({ page }) => {
  const [link, ink] = await linkToFour(page);
  await page.locator("#clear").click();
  await page.emulateMedia({ reducedMotion: "reduce" });
  await paste(page, link);
  await expect.poll(() => page.evaluate(() => location.hash)).toBe(""); // taken
  expect(Math.abs((await inked(page)) - ink)).toBeLessThan(0.001);
});

test("a link takes nothing away: undo brings back what was on the pad", async ({ page }) => {
  const [link] = await linkToFour(page);
  await page.locator("#clear").click();
  await expect(page.locator("#shared")).toBeEmpty();
  await draw(page, 7);
  await expect(answer(page)).toHaveAttribute("data-digit", "7");
  await paste(page, link);
  await expect(answer(page)).toHaveAttribute("data-digit", "4");
  for (const _ of [...digits[4]!, "the clear"]) await page.keyboard.press("Control+z"); // the first one finishes the replay
  await expect(answer(page)).toHaveAttribute("data-digit", "7");
});

test("what somebody does meanwhile finishes the replay first", async ({ page }) => {
  const [link, ink] = await linkToFour(page);
  for (const meanwhile of [() => page.keyboard.press("Shift"), () => page.locator("#pad").evaluate((pad: HTMLElement) => pad.blur())]) {
    await page.locator("#clear").click();
    await page.locator("#pad").focus();
    await paste(page, link);
    await expect.poll(() => inked(page)).toBeGreaterThan(0);
    await meanwhile();
    await expect.poll(() => inked(page)).toBeGreaterThan(ink - 0.001);
  }
});

test("a link that was cut says so until something is drawn", async ({ page }) => {
  const [link] = await linkToFour(page);
  await page.locator("#clear").click();
  await paste(page, link.slice(0, -7));
  await expect(page.locator("#broken")).toContainText("incomplete");
  await expect(answer(page)).toHaveAttribute("data-verdict", "blank");
  await draw(page, 4);
  await expect(page.locator("#broken")).toBeHidden();
});

test("where nothing can be copied the address bar has the link, as long as it is that of the drawing", async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "clipboard"));
  await open(page, "/?lang=en&model=seed");
  await draw(page, 4);
  await page.getByRole("button", { name: label }).click();
  await expect(page.locator("#shared")).toHaveText("It is in the address bar");
  expect(page.url()).toMatch(/\/\?lang=en&model=seed#drawing=/);
  await page.evaluate(() => sessionStorage.clear());
  await page.evaluate(() => addEventListener("pagehide", () => sessionStorage.clear())); // the link alone has it
  await page.reload();
  await expect(answer(page)).toHaveAttribute("data-digit", "4");

  await page.getByRole("button", { name: label }).click();
  await page.locator("#clear").click();
  await draw(page, 7);
  expect(page.url()).not.toContain("#");
});
