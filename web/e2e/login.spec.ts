// A server that others may use: only who has the token is its administrator.

import { accessible } from "./accessible";
import { expect, serve, test as base } from "./fixtures";

const token = "a token of the tests, long enough";
const test = base.extend<object, { address: string }>({
  address: [({}, use) => serve(use, "--admin-token", token), { scope: "worker" }],
});

test.use({ tolerated: [/^console error: Failed to load resource: .* 401/] });

for (const { lang, wrong, out, locked } of [
  { lang: "tr", wrong: /belirteç/i, out: /Oturum/, locked: "yönetici olarak oturum açın" },
  { lang: "en", wrong: /token/i, out: /Log out/, locked: "Log in as the administrator" },
]) {
  test(`a wrong token is refused and the right one opens the training, in ${lang}`, async ({ page }) => {
    await page.goto(`/train?lang=${lang}`);
    await expect(page.getByText(locked)).toBeVisible();
    await expect(page.locator("footer").getByRole("link", { name: out })).toHaveCount(0);
    await page.goto(`/login?lang=${lang}`);
    await page.locator("#token").fill("a wrong one");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert")).toHaveText(wrong);
    await expect(page.locator("#token")).toHaveAccessibleDescription(wrong);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await accessible(page);
    }
    await page.setViewportSize({ width: 320, height: 640 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);

    await page.locator("#token").fill(token);
    await page.keyboard.press("Enter");
    await expect(page.locator("#pad")).toBeVisible(); // the start page
    await page.goto(`/train?lang=${lang}`);
    await expect(page.getByText(locked)).toHaveCount(0);
    await expect(page.locator("form[action=\"/train\"]")).toBeVisible();
    await page.locator("footer").getByRole("link", { name: out }).click();
    await page.getByRole("button", { name: out }).click();
    await expect(page.locator("#pad")).toBeVisible();
    await page.goto(`/train?lang=${lang}`);
    await expect(page.getByText(locked)).toBeVisible();
  });
}
