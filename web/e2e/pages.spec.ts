import { accessible, accessibleInBoth } from "./accessible";
import { expect, test } from "./fixtures";
import { draw, open } from "./pen";

const pages = ["/", "/report", "/confusion", "/train", "/train?epochs=none", "/models", "/compare", "/corrections", "/nothing-here"];

// the browser reports the missing page, which is what was asked for
test.use({ tolerated: [/^console error: Failed to load resource: .* 404/] });

for (const path of pages) {
  for (const lang of ["tr", "en"]) {
    test(`${path} in ${lang} is accessible, light and dark, and fits 320 px`, async ({ page }) => {
      await page.goto(`${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
      await expect(page.locator("html")).toHaveAttribute("lang", lang);
      await accessibleInBoth(page);
      await page.setViewportSize({ width: 320, height: 640 });
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    });
  }
}

test("a reading is accessible, light and dark", async ({ page }) => {
  await open(page);
  await draw(page, 3);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "3");
  await accessibleInBoth(page);
});

test("a failure is accessible", async ({ page }) => {
  await page.route("**/weights*", (route) => route.fulfill({ status: 404 }));
  await page.goto("/?lang=en");
  await expect(page.locator("#failure")).toBeVisible();
  await accessible(page);
});

test("the language chosen is remembered, and so is the page one is on", async ({ page }) => {
  await page.goto("/report?lang=tr");
  await expect(page.getByRole("link", { name: "Rapor", exact: true })).toHaveAttribute("aria-current", "page");
  await page.getByRole("link", { name: "Çizim" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "tr");
});

test("nothing is inline", async ({ page }) => {
  for (const path of pages) {
    await page.goto(path);
    // a data block is not run
    await expect(page.locator("style, script:not([src]):not([type='application/json'])")).toHaveCount(0);
  }
});
