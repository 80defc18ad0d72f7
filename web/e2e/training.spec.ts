// Retraining from the browser, on a server of its own: what is promoted here must
// not read the drawings of the other tests.

import type { Page } from "@playwright/test";
import { accessible } from "./accessible";
import { expect, serve, test as base } from "./fixtures";
import { draw, open } from "./pen";

const test = base.extend<object, { address: string }>({
  address: [({}, use) => serve(use), { scope: "worker" }],
});

test.describe.configure({ mode: "serial", timeout: 180_000 });
test.use({ tolerated: [/^console error: Failed to load resource: .* (404|409|422)|INTERNET_DISCONNECTED/] });

const patience = { timeout: 150_000 }; // an epoch takes seconds, and others use the machine too

async function start(page: Page, values: Record<string, string>): Promise<void> {
  await page.goto("/train?lang=en");
  for (const [name, value] of Object.entries(values)) await page.getByLabel(name, { exact: true }).fill(value);
  await page.getByRole("button", { name: "Start the run" }).click();
  await expect(page).toHaveURL(/\/runs\/[0-9a-f]+$/);
}

async function everywhere(page: Page, path: string): Promise<void> {
  for (const lang of ["tr", "en"]) {
    await page.setViewportSize({ width: 1280, height: 800 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
      await accessible(page);
    }
    await page.setViewportSize({ width: 320, height: 640 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  }
}

const probabilities = (page: Page) =>
  page.locator("[data-class]").evaluateAll((bars) => bars.map((bar) => (bar as HTMLElement).dataset["probability"]));

test("wrong values are marked where they are, and the others are kept", async ({ page }) => {
  await page.goto("/train?lang=en");
  await page.getByLabel("Epochs").fill("1000000000");
  await page.getByLabel("Learning rate").fill("NaN");
  await page.getByLabel("Batch size").fill("256");
  await page.getByRole("button", { name: "Start the run" }).click();
  await expect(page.getByRole("alert")).toContainText("The run was not started");
  await expect(page.getByLabel("Epochs")).toHaveAccessibleDescription(/Write a whole number from 1 to 1,000/);
  await expect(page.getByLabel("Learning rate")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Batch size")).toHaveValue("256");
  await expect(page.getByLabel("Batch size")).not.toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Epochs")).toBeFocused();
  await accessible(page);
});

test("says what a run costs before it begins", async ({ page }) => {
  await page.goto("/train?lang=en");
  await expect(page.locator("#cost")).toHaveText(/^About (\d+ h )?\d+ (min \d+ s|min|s) on this machine/, patience);
});

test("a run from the page goes live, and an open drawing page reads with it", async ({ page, context }) => {
  const drawing = await context.newPage();
  await open(drawing);
  await draw(drawing, 0);
  await expect(drawing.locator("#answer")).toHaveAttribute("data-digit", "0");
  const before = await probabilities(drawing);
  const loads: string[] = [];
  drawing.on("framenavigated", (frame) => loads.push(frame.url()));

  await start(page, { Epochs: "1", "Batch size": "512", "Random seed": "3" });
  await expect(page.locator("#standing")).toHaveAttribute("data-state", "running", patience);
  await expect(page.locator("#throughput")).toContainText("images a second", patience);
  await expect(page.locator("#standing")).toHaveAttribute("data-state", "done", patience);
  await expect(page.locator(".legend .test").first()).toHaveText(/test 0\.\d{4}/);
  await expect(page.locator("#log li").first()).toContainText("begins");
  await expect(page.locator(".verdict-words")).toContainText("worse than the champion");

  await page.getByRole("button", { name: "Make it the champion" }).click();
  await expect(page.getByRole("alert")).toContainText("reads worse"); // refused, with the numbers
  await expect(drawing.locator("#champion")).toHaveText("seed");
  await page.getByRole("button", { name: "Promote it anyway" }).click();
  await expect(page.getByRole("status")).toContainText("The champion is now seed-");
  const version = (await page.locator("tr.champion").getAttribute("data-version"))!;

  await expect(drawing.locator("#champion")).toHaveText(version);
  await expect(drawing.locator("#swap")).toHaveText(`A new version reads now: ${version}.`);
  await expect.poll(() => probabilities(drawing)).not.toEqual(before);

  await page.getByRole("button", { name: "Go back to the last champion" }).click();
  await expect(drawing.locator("#champion")).toHaveText("seed");
  await expect.poll(() => probabilities(drawing)).toEqual(before);
  expect(loads).toEqual([]);
});

test("a page that was asleep catches up", async ({ page, context }) => {
  await open(page);
  await context.setOffline(true);
  const { models } = (await (await context.request.get("/api/v1/models")).json()) as { models: { id: string; champion: boolean }[] };
  const other = models.find(({ champion }) => !champion)!.id;
  await context.request.put("/api/v1/champion", { data: { version: other, override: true } });
  await context.setOffline(false);
  await expect(page.locator("#champion")).toHaveText(other);
  await context.request.post("/api/v1/champion/rollback");
  await expect(page.locator("#champion")).toHaveText("seed");
});

test("a run is stopped, resumed, and stopped again", async ({ page }) => {
  await start(page, { Epochs: "50", "Batch size": "512" });
  const standing = page.locator("#standing");
  await expect(page.locator("#throughput")).toContainText("images a second", patience);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(standing).toHaveAttribute("data-state", "cancelled", patience);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(standing).toHaveAttribute("data-state", "running", patience);
  await everywhere(page, new URL(page.url()).pathname);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(standing).toHaveAttribute("data-state", "cancelled", patience);
  await page.getByRole("link", { name: "All runs" }).click();
  await expect(page.locator("#runs-table tbody tr")).toHaveCount(2);
});

test("a correction is sent, listed with both readings, and deleted", async ({ page }) => {
  await open(page);
  await draw(page, 1);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "1");
  await page.getByRole("button", { name: "Was it not a 1?" }).click();
  await accessible(page);
  await page.getByRole("button", { name: "It was a 7" }).click();
  await expect(page.getByText("Thank you: kept as a 7.")).toBeVisible();
  await page.getByRole("link", { name: "Your corrections" }).click();
  const cards = page.locator("[data-correction]");
  await expect(cards).toHaveCount(1);
  await expect(cards.getByRole("img", { name: "A drawing of 7" })).toBeVisible();
  await expect(cards.locator("dd")).toHaveText([/^1, \d+\.\d\s% wrong$/, /^1, \d+\.\d\s% wrong$/]);
  await everywhere(page, "/corrections");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "Delete the drawing of 7" }).click();
  await expect(page.getByText("You have no corrections yet.")).toBeVisible();
});

test("the correction can be chosen by keyboard, and Escape keeps the drawing", async ({ page }) => {
  await open(page);
  await draw(page, 1);
  const ask = page.getByRole("button", { name: "Was it not a 1?" });
  await ask.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "It was a 0" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(ask).toBeFocused();
  await expect(ask).toHaveAttribute("aria-expanded", "false");
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "1");
});

test("versions are compared, and one is deleted after a question", async ({ page }) => {
  await everywhere(page, "/models");
  await everywhere(page, "/compare");
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect(page.locator(".lede")).toContainText("is worse");
  await expect(page.locator("#difference-table .miss").first()).toBeVisible();
  await page.goto("/models?lang=en");
  const stored = page.locator("#versions-table tbody tr:not(.champion)").first();
  const version = (await stored.getAttribute("data-version"))!;
  await stored.getByRole("link", { name: `Delete ${version}` }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(version);
  await accessible(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await stored.getByRole("link", { name: `Delete ${version}` }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("status")).toContainText(`${version} was deleted`);
  await page.goto(`/compare?a=seed&b=${version}&lang=en`);
  await expect(page.getByRole("alert")).toContainText("may have been deleted");
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a run is started, found in the list, and stopped", async ({ page }) => {
    await start(page, { Epochs: "50" });
    await expect(page.getByRole("link", { name: "Refresh this page every 5 s" })).toBeVisible();
    await page.getByRole("button", { name: "Stop" }).click();
    await expect
      .poll(async () => {
        await page.reload();
        return page.locator("#standing").getAttribute("data-state");
      }, patience)
      .toBe("cancelled");
  });
});
