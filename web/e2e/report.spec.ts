import { expect, test } from "./fixtures";
import type { Locator, Page } from "@playwright/test";

interface Report {
  accuracy: number;
  samples: number;
  accuracy_interval: [number, number];
  classes: Record<string, { precision: number; recall: number; "f1-score": number; support: number }>;
  drawn?: Report;
  credit?: string;
  writers?: { mean: number; worst_tenth: number; each: { writer: string; accuracy: number; samples: number }[] };
  verdicts?: Record<string, { count: number; right: number }>;
}

async function championReport(page: Page): Promise<Report> {
  const champion = await (await page.request.get("/api/v1/champion")).json();
  return (await page.request.get(`/api/v1/models/${champion.version}/report`)).json();
}

const hundredths = (fraction: number) => (fraction * 100).toFixed(2);
const inTurkish = (figure: string) => figure.replace(".", ",");

/** How many pixels of the plot are not paper. */
function inked(canvas: Locator): Promise<number> {
  return canvas.evaluate((element: HTMLCanvasElement) => {
    const copy = new OffscreenCanvas(element.width, element.height).getContext("2d", { willReadFrequently: true });
    copy?.drawImage(element, 0, 0);
    const pixels = copy?.getImageData(0, 0, element.width, element.height).data ?? [];
    let n = 0;
    for (let i = 3; i < pixels.length; i += 4) if (pixels[i]) n++;
    return n;
  });
}

test("the report says what the API says, in both languages", async ({ page }) => {
  const report = await championReport(page);
  const [low, high] = report.accuracy_interval.map(hundredths) as [string, string];
  await page.goto("/report?lang=en");
  await expect(page.locator(".lede").first()).toHaveText(new RegExp(`^${hundredths(report.accuracy)}\\s% of 10,000 .* ${low}–${high}\\s%`));
  const table = page.getByRole("table", { name: /^Classification report:/ });
  for (const [digit, score] of Object.entries(report.classes)) {
    const cells = table.getByRole("row").filter({ has: page.getByRole("rowheader", { name: new RegExp(`^${digit}`) }) }).getByRole("cell");
    await expect(cells.nth(0)).toHaveText(hundredths(score.precision));
    await expect(cells.nth(1)).toHaveText(hundredths(score.recall));
    await expect(cells.nth(4)).toHaveText(hundredths(score["f1-score"]));
    await expect(cells.nth(5)).toHaveText(score.support.toLocaleString("en"));
  }
  await expect(page.getByText("This version is 2 networks that read together.")).toBeVisible();
  await page.goto("/report?lang=tr");
  await expect(page.locator(".lede").first()).toContainText(`%${inTurkish(hundredths(report.accuracy))} doğruluk: 10.000`);
  await expect(page.locator(".lede").first()).toContainText(`%${inTurkish(low)}–${inTurkish(high)}`);
});

test("the score on drawn digits stands beside it, by digit, writer and verdict", async ({ page }) => {
  const { drawn } = await championReport(page);
  if (!drawn?.writers || !drawn.verdicts) throw new Error("the champion was not measured on drawn digits");
  const [low, high] = drawn.accuracy_interval.map(hundredths) as [string, string];
  await page.goto("/report?lang=en");
  await expect(page.locator(".lede").nth(1)).toHaveText(new RegExp(`^${hundredths(drawn.accuracy)}\\s% of ${drawn.samples.toLocaleString("en")} .* ${low}–${high}\\s%`));
  const section = page.locator("section[aria-labelledby=drawn]");
  const digits = section.getByRole("table", { name: /^Classification report on the drawn digits/ });
  await expect(digits.locator("tbody tr")).toHaveCount(10);
  await expect(digits.locator("tbody tr").nth(1).getByRole("cell").nth(1)).toHaveText(hundredths(drawn.classes["1"]?.recall ?? NaN));
  const writers = [...drawn.writers.each].sort((a, b) => a.accuracy - b.accuracy);
  const rows = section.getByRole("table", { name: /^Accuracy by writer/ }).locator("tbody tr");
  await expect(rows.getByRole("rowheader")).toHaveText(writers.map(({ writer }) => writer));
  await expect(rows.first().getByRole("cell").first()).toHaveText(hundredths(writers[0]?.accuracy ?? NaN));
  const verdicts = section.getByRole("table", { name: /^What the drawing page would say/ }).locator("tbody tr");
  await expect(verdicts).toHaveCount(Object.keys(drawn.verdicts).length);
  await expect(verdicts.first().getByRole("cell").first()).toHaveText(drawn.verdicts["digit"]?.count.toLocaleString("en") ?? "");
  await expect(section).toContainText(drawn.credit ?? "no credit");
  await section.getByRole("link", { name: "The confusion matrix of the drawn digits" }).click();
  await expect(page).toHaveURL(/data=drawn/);
  await expect(page.locator("#matrix-table")).toBeVisible();
});

test("a curve is read epoch by epoch with the keyboard", async ({ page }) => {
  await page.goto("/report/seed?lang=en");
  const loss = page.getByRole("slider", { name: /^Loss/ });
  await expect(loss).toHaveAttribute("aria-valuenow", "20");
  const history = page.locator("#history-table tbody tr");
  const said = async (row: number) => {
    const cells = await history.nth(row).locator("th, td").allTextContents();
    return `Epoch ${cells[0]}: training ${cells[1]}, test ${cells[2]}`;
  };
  await loss.focus();
  await page.keyboard.press("Home");
  await expect(loss).toHaveAttribute("aria-valuetext", await said(0));
  await page.keyboard.press("ArrowRight");
  await expect(loss).toHaveAttribute("aria-valuetext", await said(1));
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect(loss).toHaveAttribute("aria-valuenow", "1");
  await page.keyboard.press("End");
  await expect(loss).toHaveAttribute("aria-valuetext", await said(19));
  // the other curve stands at the same epoch
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("slider", { name: /^Accuracy/ })).toHaveAttribute("aria-valuenow", "19");
});

test("the pointer reads a curve, and a line can be hidden", async ({ page }) => {
  await page.goto("/report/seed?lang=en");
  const figure = page.locator("figure[data-chart=accuracy]");
  const stage = figure.getByRole("slider");
  await stage.scrollIntoViewIfNeeded();
  const box = await stage.boundingBox();
  if (!box) throw new Error("the curve has no size");
  await page.mouse.move(box.x + box.width * 0.55, box.y + box.height / 2);
  await expect(stage).toHaveAttribute("aria-valuenow", /^(9|1[0-3])$/);
  const canvas = stage.locator("canvas");
  const before = await inked(canvas);
  expect(before).toBeGreaterThan(1000);
  const training = figure.getByRole("button", { name: /^training/ });
  await training.focus();
  await page.keyboard.press("Space");
  await expect(training).toHaveAttribute("aria-pressed", "false");
  await expect.poll(() => inked(canvas)).not.toBe(before);
  await page.keyboard.press("Space");
  await expect(training).toHaveAttribute("aria-pressed", "true");
});

test("the curves follow the theme and the window", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/report");
  const canvas = page.locator("figure[data-chart=loss] canvas");
  await expect.poll(() => inked(canvas)).toBeGreaterThan(1000);
  const light = await canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(() => page.locator("figure[data-chart=loss] canvas").evaluate((element: HTMLCanvasElement) => element.toDataURL())).not.toBe(light);
  await page.setViewportSize({ width: 320, height: 640 });
  await expect.poll(async () => (await canvas.boundingBox())?.width).toBeLessThanOrEqual(320);
});

test("a table is copied with the keyboard, as it is written", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/report/seed?lang=tr");
  await page.locator("#history-table").evaluate((table) => table.closest("details")?.setAttribute("open", ""));
  const copy = page.locator("button[data-copy=history-table]");
  await copy.focus();
  await page.keyboard.press("Enter");
  await expect(copy.locator("xpath=following-sibling::*[@role='status']")).toHaveText("Kopyalandı");
  const lines = (await page.evaluate(() => navigator.clipboard.readText())).trimEnd().split("\n");
  expect(lines[0]).toBe("Tur\tKayıp\t\tDoğruluk, %\t\tSüre, sn");
  expect(lines[1]).toBe("\teğitim\ttest\teğitim\ttest\t");
  expect(lines).toHaveLength(22);
  const first = await page.locator("#history-table tbody tr").first().locator("th, td").allTextContents();
  expect(lines[2]).toBe(first.join("\t"));
});

test("the report's files can be downloaded", async ({ page }) => {
  await page.goto("/report");
  for (const name of ["report.json", "model.safetensors"]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
    expect(download.suggestedFilename()).toContain(name.split(".")[1]);
    expect(await download.failure()).toBeNull();
  }
});

test("wide tables scroll in a box of their own that the keyboard reaches", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto("/report?lang=en");
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  const region = page.getByRole("region", { name: /^Classification report:/ });
  await region.focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => region.evaluate((element) => element.scrollLeft)).toBeGreaterThan(0);
});

test("on paper the curves are drawn and every table is there", async ({ page }) => {
  await page.goto("/report?lang=en");
  await expect(page.getByRole("slider")).toHaveCount(2);
  const history = page.locator("details.numbers").first();
  await expect(history).not.toHaveAttribute("open");
  await page.evaluate(() => dispatchEvent(new Event("beforeprint"))); // which media alone do not fire
  await expect(history).toHaveAttribute("open");
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("svg.curve")).toHaveCount(2);
  await expect(page.locator("svg.curve").first()).toBeVisible();
  await expect(page.locator(".stage").first()).toBeHidden();
  await expect(page.getByRole("button").first()).toBeHidden();
  await expect(page.getByText("History of the run")).toBeVisible();
  expect((await page.pdf({ format: "A4" })).length).toBeGreaterThan(20_000);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await expect(history).not.toHaveAttribute("open");
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the whole report is there", async ({ page }) => {
    await page.goto("/report/seed?lang=en");
    await expect(page.getByRole("img", { name: /^Loss up to epoch 20: training ends at 0\.\d{4}, test at 0\.\d{4}/ })).toBeVisible();
    await expect(page.getByRole("img", { name: /^Accuracy in percent up to epoch 20/ })).toBeVisible();
    await expect(page.getByRole("img", { name: /^Reliability diagram/ })).toBeVisible();
    await page.getByText("Epoch by epoch").click();
    await expect(page.locator("#history-table tbody tr")).toHaveCount(20);
    await expect(page.locator("#history-table")).toBeVisible();
    await expect(page.locator("#writers-table")).toBeVisible();
    await expect(page.locator("button:visible")).toHaveCount(0); // none that does nothing
  });
});
