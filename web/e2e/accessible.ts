import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect } from "./fixtures";

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Those that another colour scheme can break. */
const ofColours = ["color-contrast", "link-in-text-block"];

/** Nothing on the page breaks a rule that a machine can check, whether light or dark. */
export async function accessible(page: Page): Promise<void> {
  await hold(page, (axe) => axe.withTags(rules));
}

/** As accessible, light and dark: in the second only what has to do with colours. */
export async function accessibleInBoth(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  await accessible(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await hold(page, (axe) => axe.withRules(ofColours));
}

async function hold(page: Page, to: (axe: AxeBuilder) => AxeBuilder): Promise<void> {
  // Legacy is what is quick where there are no frames: without it each look opens another page.
  const { violations } = await to(new AxeBuilder({ page }).setLegacyMode()).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))])).toEqual([]);
}
