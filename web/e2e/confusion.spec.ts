import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./fixtures";
import type { Page } from "@playwright/test";

async function championConfusion(page: Page): Promise<number[][]> {
  const champion = await (await page.request.get("/api/v1/champion")).json();
  return (await (await page.request.get(`/api/v1/models/${champion.version}/report`)).json()).confusion;
}

interface Report {
  confusion: number[][];
  mistakes: { index: number }[];
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

/** The mistakes of a matrix, largest first. */
function mistakes(confusion: number[][]) {
  return confusion
    .flatMap((row, truth) => row.map((count, predicted) => ({ truth, predicted, count })))
    .filter(({ truth, predicted, count }) => truth !== predicted && count > 0)
    .sort((a, b) => b.count - a.count);
}

const cell = (page: Page, truth: number, predicted: number) => page.locator(`#matrix-table tbody tr:nth-child(${truth + 1}) td`).nth(predicted);

test("the matrix is the report's, number for number", async ({ page }) => {
  const confusion = await championConfusion(page);
  await page.goto("/confusion?lang=tr");
  const shown = await page.locator("#matrix-table tbody tr").evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("td")].slice(0, 10).map((td) => Number((td.querySelector(".visually-hidden") ?? td).textContent?.replace(/\D/g, "")))));
  expect(shown).toEqual(confusion);
  expect(sum(shown.map(sum))).toBe(10_000);
});

test("a switch shows the drawn digits, in place", async ({ page }) => {
  const champion = await (await page.request.get("/api/v1/champion")).json();
  const { drawn } = await (await page.request.get(`/api/v1/models/${champion.version}/report`)).json();
  const largest = mistakes(drawn.confusion)[0];
  if (!largest) throw new Error("no drawn digit is misread");
  await page.goto("/confusion?lang=en&view=percent");
  let loads = 0;
  page.on("load", () => loads++);
  await page.getByRole("link", { name: "Digits people drew" }).click();
  await expect(page.locator(".lede")).toContainText("drawn digits");
  await expect(page).toHaveURL(/data=drawn&view=percent$/);
  await expect(page.getByRole("link", { name: "Digits people drew" })).toBeFocused();
  await page.getByRole("link", { name: "Counts" }).click();
  await expect(cell(page, largest.truth, largest.predicted)).toHaveText(`${largest.count}`);
  await cell(page, largest.truth, largest.predicted).locator("a").click();
  await expect(page.locator("#pictures li")).toHaveCount(largest.count);
  await expect(page.locator("#pictures img")).toHaveCount(0);
  await page.getByRole("link", { name: "MNIST’s test digits" }).click();
  await expect(page.locator(".lede")).toContainText("test digits");
  expect(loads).toBe(0);
});

test("a cell opens the pictures behind it, in place", async ({ page }) => {
  const [, second] = mistakes(await championConfusion(page));
  if (!second) throw new Error("the champion makes fewer than two kinds of mistake");
  await page.goto("/confusion?lang=en");
  let loads = 0;
  page.on("load", () => loads++);
  await cell(page, second.truth, second.predicted).getByRole("link").click();
  await expect(page.getByRole("heading", { name: `${second.truth} read as ${second.predicted}` })).toBeFocused();
  await expect(cell(page, second.truth, second.predicted).getByRole("link")).toHaveAttribute("aria-current", "true");
  const pictures = page.locator(".pictures img");
  await expect(pictures).toHaveCount(second.count);
  await expect.poll(() => pictures.first().evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(28);
  expect(loads).toBe(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))])).toEqual([]);

  const chosen = page.url();
  await page.goBack();
  await expect(page.getByRole("heading", { name: `${second.truth} read as ${second.predicted}` })).toHaveCount(0);
  await page.goto(chosen); // the address alone leads there too
  await expect(page.getByRole("heading", { name: `${second.truth} read as ${second.predicted}` })).toBeVisible();
});

test("another language keeps the cell that was opened in place", async ({ page }) => {
  const [first] = mistakes(await championConfusion(page));
  if (!first) throw new Error("the champion makes no mistake");
  await page.goto("/confusion?lang=en");
  await cell(page, first.truth, first.predicted).getByRole("link").click();
  await expect(page.getByRole("heading", { name: `${first.truth} read as ${first.predicted}` })).toBeFocused();
  await page.getByRole("link", { name: "TR Türkçe" }).click();
  await expect(page.getByRole("heading", { name: `${first.truth} yerine ${first.predicted}` })).toBeVisible();
});

test("of two cells the one clicked last is shown, however late the first answers", async ({ page }) => {
  const [first, second] = mistakes(await championConfusion(page));
  if (!first || !second) throw new Error("the champion makes fewer than two kinds of mistake");
  await page.goto("/confusion?lang=en");
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(`**/*true=${first.truth}*`, async (route) => {
    if (route.request().url().includes(`predicted=${first.predicted}`)) await held;
    await route.continue();
  });
  await cell(page, first.truth, first.predicted).getByRole("link").click();
  await cell(page, second.truth, second.predicted).getByRole("link").click();
  await expect(page.getByRole("heading", { name: `${second.truth} read as ${second.predicted}` })).toBeFocused();
  const late = page.waitForResponse((response) => response.url().includes(`predicted=${first.predicted}`));
  release();
  await (await late).finished();
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200))); // as long as the page may need for it
  await expect(page).toHaveURL(new RegExp(`predicted=${second.predicted}`));
  await expect(page.getByRole("heading", { name: `${second.truth} read as ${second.predicted}` })).toBeVisible();
});

test("a total opens all mistakes of its row", async ({ page }) => {
  const confusion = await championConfusion(page);
  await page.goto("/confusion?lang=en");
  const row = confusion[8] ?? [];
  const missed = sum(row) - (row[8] ?? 0);
  await page.getByRole("link", { name: `8 misread: ${missed}` }).click();
  await expect(page.locator(".pictures li")).toHaveCount(missed);
});

test("percent of the row: the view keeps what was chosen, and focus", async ({ page }) => {
  const confusion = await championConfusion(page);
  const [first] = mistakes(confusion);
  if (!first) throw new Error("the champion makes no mistake");
  await page.goto(`/confusion?lang=en&true=${first.truth}`);
  const percent = page.getByRole("link", { name: "Percent of the row" });
  await percent.focus();
  await page.keyboard.press("Enter");
  await expect(percent).toHaveAttribute("aria-current", "true");
  await expect(percent).toBeFocused();
  await expect(page.getByRole("heading", { name: `${first.truth}, misread` })).toBeVisible();
  for (const [truth, row] of confusion.entries()) {
    await expect(cell(page, truth, truth)).toHaveText(((100 * (row[truth] ?? 0)) / sum(row)).toFixed(1));
  }
  await page.getByRole("link", { name: "Counts" }).click();
  await expect(cell(page, first.truth, first.predicted)).toHaveText(String(first.count));
});

test("arrow keys move between mistakes, row and column light up", async ({ page }) => {
  const confusion = await championConfusion(page);
  await page.goto("/confusion");
  const columns = (row: number[], truth: number) => row.flatMap((count, predicted) => (count > 0 && predicted !== truth ? [predicted] : []));
  const truth = confusion.findIndex((row, truth) => columns(row, truth).length > 1);
  const [from, to] = columns(confusion[truth] ?? [], truth);
  if (from === undefined || to === undefined) throw new Error("the champion misreads no digit in two ways");
  await cell(page, truth, from).getByRole("link").focus();
  await page.keyboard.press("ArrowRight");
  await expect(cell(page, truth, to).getByRole("link")).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(cell(page, truth, from).getByRole("link")).toBeFocused();

  const background = (selector: string) => page.locator(selector).evaluate((element) => getComputedStyle(element).backgroundColor);
  const head = `#matrix-table thead tr:last-child th:nth-child(${from + 1})`;
  const other = `#matrix-table thead tr:last-child th:nth-child(${to + 1})`;
  expect(await background(head)).not.toBe(await background(other));
  const lit = await background(head);
  const label = (row: number) => background(`#matrix-table tbody tr:nth-child(${row + 1}) th`);
  expect(await label(truth)).toBe(lit);
  expect(await label((truth + 1) % confusion.length)).not.toBe(lit);
});

test("one mistake is visible beside a thousand hits", async ({ page }) => {
  const smallest = mistakes(await championConfusion(page)).at(-1);
  if (!smallest) throw new Error("the champion makes no mistake");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto("/confusion");
    const channels = (selector: string) =>
      page.locator(selector).first().evaluate((element) => {
        const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        if (!context) throw new Error("no canvas");
        context.fillStyle = getComputedStyle(element).backgroundColor;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
      });
    const paper = await channels("html");
    const mistake = await channels(`#matrix-table tbody tr:nth-child(${smallest.truth + 1}) td:nth-child(${smallest.predicted + 2})`);
    expect(Math.max(...mistake.map((value, i) => Math.abs(value - (paper[i] ?? 0))))).toBeGreaterThan(20);
  }
});

test("the matrix is copied with the keyboard", async ({ page, context }) => {
  const confusion = await championConfusion(page);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/confusion?lang=en");
  await page.getByRole("button", { name: "Copy table" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".copy [role=status]")).toHaveText("Copied");
  const lines = (await page.evaluate(() => navigator.clipboard.readText())).trimEnd().split("\n");
  expect(lines).toHaveLength(14);
  const counts = lines.slice(2, 12).map((line) => line.split("\t").slice(1, 11).map((text) => Number(text.replace(",", ""))));
  expect(counts).toEqual(confusion);
});

test("on paper the matrix keeps its colours and fits the page", async ({ page }) => {
  await page.goto("/confusion?lang=en");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("table")).toBeVisible();
  await expect(page.getByRole("button")).toHaveCount(0);
  expect(await page.locator(".hit").first().evaluate((element) => getComputedStyle(element).printColorAdjust)).toBe("exact");
  await page.setViewportSize({ width: 680, height: 1000 }); // A4 between its margins
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(680);
  expect((await page.pdf({ format: "A4" })).length).toBeGreaterThan(20_000);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("cells and views are links", async ({ page }) => {
    const [first] = mistakes(await championConfusion(page));
    if (!first) throw new Error("the champion makes no mistake");
    await page.goto("/confusion?lang=tr");
    await page.getByRole("link", { name: "Satırın yüzdesi" }).click();
    await expect(page).toHaveURL(/view=percent/);
    await expect(cell(page, 0, 0)).toHaveText(/^\d+,\d$/);
    await cell(page, first.truth, first.predicted).getByRole("link").click();
    await expect(page).toHaveURL(/view=percent.*#pictures$/);
    await expect(page.locator(".pictures img")).toHaveCount(first.count);
    await expect(page.locator("button:visible")).toHaveCount(0); // none that does nothing
  });
});

const begin = (page: Page) => page.getByRole("button", { name: "Read all 10,000 here" });
const result = (page: Page) => page.locator("#reproduce-result");

test("this browser reads the test digits as the report says", async ({ page }) => {
  const { mistakes } = await (await page.request.get("/api/v1/models/seed/report")).json();
  await page.goto("/confusion/seed?lang=en");
  await begin(page).click();
  await expect(page.getByRole("button", { name: "Stop" })).toBeFocused();
  await expect(result(page)).toContainText(`${mistakes.length} are misread. Every single one it read as the report says`, { timeout: 60_000 });
  await expect(result(page)).toContainText("With seed this browser read 10,000 digits");
  await expect(begin(page)).toBeFocused();
});

for (const { what, change, said } of [
  {
    what: "a digit",
    change: (report: Report) => ({ ...report, mistakes: report.mistakes.slice(1) }),
    said: ({ mistakes }: Report) => `1 of them it read otherwise than the report says, so one of the two is wrong. Their numbers: ${mistakes[0]!.index}.`,
  },
  {
    what: "all mistakes",
    change: (report: Report) => ({ ...report, mistakes: [] }),
    said: ({ mistakes }: Report) => `Their numbers: ${mistakes.slice(0, 10).map(({ index }) => index).join(", ")}, ….`,
  },
  {
    what: "a cell",
    change: ({ confusion: [first, ...rows], mistakes }: Report) => ({ confusion: [[first![0]! - 1, ...first!.slice(1)], ...rows], mistakes }),
    said: () => "the report contradicts itself",
  },
]) {
  test(`${what} that is not the report's is told`, async ({ page }) => {
    const report: Report = await (await page.request.get("/api/v1/models/seed/report")).json();
    await page.route("**/api/v1/models/seed/report", (route) => route.fulfill({ json: change(report) }));
    await page.goto("/confusion/seed?lang=en");
    await begin(page).click();
    await expect(result(page)).toContainText(said(report), { timeout: 60_000 });
  });
}

test.describe("what cannot be reproduced", () => {
  test.use({ tolerated: [/Failed to load resource/] });

  for (const { file, answer, said } of [
    { file: "/mnist/t10k-labels-idx1-ubyte", answer: 0, said: "a file could not be fetched" },
    { file: "/mnist/t10k-images-idx3-ubyte", answer: 503, said: "the server did not give a file that it takes (status 503)" },
    { file: "/assets/examiner-*.js", answer: 0, said: "a file could not be fetched" },
    { file: "/assets/examiner-*.js", answer: 404, said: "the site was updated meanwhile" },
    { file: "/assets/rakam-*.wasm", answer: 404, said: "the site was updated meanwhile" },
  ]) {
    test(`is said to be so: ${file}, ${answer}`, async ({ page }) => {
      await page.route(`**${file}`, (route) => (answer === 0 ? route.abort() : route.fulfill({ status: answer })));
      await page.goto("/confusion/seed?lang=en");
      await begin(page).click();
      await expect(result(page)).toContainText(said);
      await expect(begin(page)).toBeFocused();
    });
  }

  test("can be stopped", async ({ page }) => {
    await page.route("**/mnist/t10k-images-idx3-ubyte", () => {}); // never comes
    await page.goto("/confusion/seed?lang=en");
    await begin(page).click();
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(result(page)).toHaveText("Stopped. Nothing was compared.");
    await expect(begin(page)).toBeFocused();
  });

  test("is given up when nothing comes", async ({ page }) => {
    await page.clock.install();
    await page.route("**/mnist/t10k-images-idx3-ubyte", () => {});
    await page.goto("/confusion/seed?lang=en");
    await begin(page).click();
    await page.clock.runFor(10_000);
    await expect(page.locator("#reproduce-progress")).toHaveText(/Fetching/);
    await page.clock.runFor(31_000);
    await expect(result(page)).toContainText("nothing has come for half a minute");
  });
});
