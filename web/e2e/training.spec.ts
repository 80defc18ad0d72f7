// Retraining from the browser, on a server of its own: what is promoted here must
// not read the drawings of the other tests.

import type { Page } from "@playwright/test";
import { accessible } from "./accessible";
import { expect, serve, test as base } from "./fixtures";
import { draw, open } from "./pen";

const test = base.extend<object, { address: string }>({
  address: [({}, use) => serve(use), { scope: "worker" }],
});

test.describe.configure({ mode: "serial", timeout: 300_000 });
test.use({ tolerated: [/^console error: Failed to load resource: .* (404|409|422)|INTERNET_DISCONNECTED/] });

const patience = { timeout: 240_000 }; // an epoch takes seconds, and others use the machine too

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

test("what was written in the form is there again after going back", async ({ page }) => {
  await page.goto("/train?lang=en");
  await page.getByLabel("limit", { exact: true }).check();
  await page.getByLabel("Epochs").fill("3");
  await page.getByRole("link", { name: "Versions" }).click();
  await page.goBack();
  await expect(page.getByLabel("limit", { exact: true })).toBeChecked();
  await expect(page.getByLabel("Epochs")).toHaveValue("3");
  await page.getByLabel("seed", { exact: true }).check(); // what was not written over follows the recipe
  await expect(page.getByLabel("Learning rate")).toHaveValue("0.001");
  await expect(page.getByLabel("Epochs")).toHaveValue("3");
});

test("a promotion says that it compares, and asks where no comparison is fair", async ({ page }) => {
  await page.goto("/models?lang=en");
  const heard: string[] = []; // by somebody who does not see the page, before another takes its place
  await page.exposeFunction("hear", (text: string) => heard.push(text));
  await page.locator("#announcement").evaluate((element) => {
    new MutationObserver(() => (window as unknown as { hear(text: string): void }).hear(element.textContent ?? "")).observe(element, { childList: true });
  });
  await page.getByRole("button", { name: "Promote seed to champion" }).click();
  await expect(page.getByRole("alert")).toContainText("There is no fair comparison with seed");
  expect(heard).toEqual(["Comparing with the champion…"]);
  await expect(page.locator("tr.champion")).toHaveAttribute("data-version", "best");
  await accessible(page);
});

test("what the time cannot be worked out from is marked while it is typed", async ({ page }) => {
  await page.goto("/train?lang=en");
  await page.getByLabel("Epochs").fill("1000000000");
  await expect(page.getByLabel("Epochs")).toHaveAccessibleDescription(/Write a whole number from 1 to 1,000/);
  await expect(page.locator("#cost")).toHaveText("Correct the marked values, then it can be worked out.");
  await accessible(page);
  await page.getByLabel("Epochs").fill("2");
  await expect(page.getByLabel("Epochs")).not.toHaveAttribute("aria-invalid", "true");
  await expect(page.locator(".error")).toHaveCount(0);
});

test("another recipe brings its own values, but for those that were written", async ({ page }) => {
  await page.route("**/estimate?*", (route) => route.fulfill({ json: { seconds: 60, seconds_per_epoch: 3, source: "run" } }));
  await page.goto("/train?lang=en");
  await page.getByLabel("Batch size", { exact: true }).fill("64");
  await page.getByRole("radio", { name: "best" }).check();
  await expect(page.getByRole("radio", { name: "best" })).toHaveAccessibleDescription(/convolutional.*what is no digit/);
  await expect(page.getByLabel("Epochs", { exact: true })).toHaveValue("60");
  await expect(page.getByLabel("Batch size", { exact: true })).toHaveValue("64");
  await page.getByLabel("Batch size", { exact: true }).fill("8"); // too few for its batch norm
  await expect(page.getByLabel("Batch size", { exact: true })).toHaveAccessibleDescription(/Write a whole number from 16 to 8,192/);
  await page.getByRole("radio", { name: "seed" }).check();
  await expect(page.getByLabel("Batch size", { exact: true })).not.toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Batch size", { exact: true }).fill("64");
  await expect(page.getByLabel("Epochs", { exact: true })).toHaveValue("20");
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
  const models = await context.newPage();
  await models.goto("/models?lang=en");
  const rows = models.locator("#versions-table tbody tr");
  await expect(rows).toHaveCount(3);
  await models.locator("#versions .scroll").first().focus();
  const loads: string[] = [];
  for (const open of [drawing, models]) open.on("framenavigated", (frame) => loads.push(frame.url()));

  await start(page, { Epochs: "1", "Batch size": "512", "Random seed": "3" });
  await expect(page.locator("#standing")).toHaveAttribute("data-state", "running", patience);
  await expect(page.locator("#throughput")).toContainText("images a second", patience);
  await expect(page.locator("#standing")).toHaveAttribute("data-state", "done", patience);
  await expect(rows).toHaveCount(4);
  await expect(models.locator("#announcement")).toHaveText("The list of versions has changed.");
  await expect(models.locator("#versions .scroll").first()).toBeFocused();
  await accessible(models);
  await expect(page.locator(".legend .test").first()).toHaveText(/test 0\.\d{4}/);
  await expect(page.locator("#log li").first()).toContainText("begins");
  await expect(page.locator(".verdict-words")).toContainText("worse than the champion");

  await page.getByRole("button", { name: "Make it the champion" }).click();
  await expect(page.getByRole("alert")).toContainText("reads worse"); // refused, with the numbers
  await expect(drawing.locator("#champion")).toHaveText("best");
  await page.getByRole("button", { name: "Promote it anyway" }).click();
  await expect(page.getByRole("status")).toContainText("The champion is now seed-");
  const version = (await page.locator("tr.champion").getAttribute("data-version"))!;

  await expect(drawing.locator("#champion")).toHaveText(version);
  await expect(drawing.locator("#swap")).toHaveText(`A new version reads now: ${version}.`);
  await expect.poll(() => probabilities(drawing)).not.toEqual(before);
  await expect(models.locator("tr.champion")).toHaveAttribute("data-version", version);
  await expect(models.locator("#announcement")).toHaveText(`The champion is now ${version}.`);
  await expect(models.getByText("The champion will be best again.")).toBeVisible();

  await page.getByRole("button", { name: "Go back to the last champion" }).click();
  await expect(drawing.locator("#champion")).toHaveText("best");
  await expect.poll(() => probabilities(drawing)).toEqual(before);
  await expect(models.locator("tr.champion")).toHaveAttribute("data-version", "best");
  await expect(models.getByRole("button", { name: "Go back to the last champion" })).toHaveCount(0); // and not to the worse one
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
  await expect(page.locator("#champion")).toHaveText("best");
});

test("a page reads with the version chosen on it, whoever is the champion", async ({ page, context }) => {
  const crown = (version: string) => context.request.put("/api/v1/champion", { data: { version, override: true } });
  await crown("best");
  const { models } = (await (await context.request.get("/api/v1/models")).json()) as { models: { id: string; shipped: boolean }[] };
  const other = models.find(({ shipped }) => !shipped)!.id;
  await open(page);
  await draw(page, 3);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "3");
  const before = await probabilities(page);

  const list = page.getByLabel("Read by");
  await expect(list.locator("option").first()).toHaveText("best, the champion");
  await list.focus();
  for (let i = 1; i < models.length && (await list.inputValue()) !== other; i++) await page.keyboard.press("ArrowDown");
  await expect(list).toHaveValue(other);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Read with it" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`\\?lang=en&model=${other}$`));
  await expect(page.locator("#pinned")).toContainText(`On this page ${other} reads, whoever becomes the champion.`);
  await expect(page.locator("#answer")).not.toHaveAttribute("data-verdict", "blank"); // the drawing is kept
  const chosen = await probabilities(page);
  expect(chosen).not.toEqual(before);
  await accessible(page);
  await expect(page.getByRole("link", { name: "Compare with the champion" })).toHaveAttribute("href", `/compare?a=best&b=${other}`);

  const following = await context.newPage();
  await open(following);
  await crown(other);
  await expect(following.locator("#swap")).toHaveText(`A new version reads now: ${other}.`);
  await expect(following.getByLabel("Read by").locator("option")).toHaveText([`${other}, the champion`, ...models.map(({ id }) => id).filter((id) => id !== other)]);
  await crown("best");
  await expect(following.locator("#swap")).toHaveText("A new version reads now: best.");
  await expect(page.locator("#swap")).toHaveText("");
  expect(await probabilities(page)).toEqual(chosen);

  await page.route("**/api/v1/corrections", (route) => route.fulfill({ status: 201, json: { label: 3, state: "approved" } }));
  const sent = page.waitForRequest("**/api/v1/corrections");
  await page.locator("#correct").click();
  await page.getByRole("button", { name: "It was 3" }).click();
  expect((await sent).postDataJSON()).toMatchObject({ version: other, label: 3 });

  await page.getByLabel("Read by").selectOption("");
  await expect(page.locator("#pinned")).toHaveCount(0);
  await expect.poll(() => probabilities(page)).toEqual(before);
  await page.goto("/?lang=en&model=gone-1");
  await expect(page.getByRole("alert").first()).toContainText("There is no version gone-1, or none any more; the champion reads instead.");
  await expect.poll(() => probabilities(page)).toEqual(before);
});

test("a run is stopped, resumed, and stopped again", async ({ page }) => {
  await start(page, { Epochs: "50", "Batch size": "512" });
  const standing = page.locator("#standing");
  await expect(page.locator("#throughput")).toContainText("images a second", patience);
  const loss = page.getByRole("slider", { name: /^Loss/ });
  await expect(loss).toHaveAttribute("aria-valuenow", "1", patience);
  await loss.press("End");
  await expect(loss).toHaveAttribute("aria-valuenow", "3", patience); // it follows
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(standing).toHaveAttribute("data-state", "cancelled", patience);
  await expect(page.locator("#curve-loss .line.test")).toHaveAttribute("points", /( .*){2}/); // what paper gets, of all epochs
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(standing).toHaveAttribute("data-state", "running", patience);
  await everywhere(page, new URL(page.url()).pathname);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(standing).toHaveAttribute("data-state", "cancelled", patience);
  await page.getByRole("link", { name: "All runs" }).click();
  await expect(page.locator("#runs-table tbody tr")).toHaveCount(2);
});

test("a list that was hidden shows what went on meanwhile", async ({ page, context }) => {
  await page.goto("/train?lang=en");
  await expect(page.locator("#cost")).toHaveText(/^About /, patience); // the script is there
  const hide = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  const { id } = (await (await context.request.post("/api/v1/runs", { data: { recipe: "seed" } })).json()) as { id: string };
  await context.request.delete(`/api/v1/runs/${id}`);
  const state = async () => ((await (await context.request.get(`/api/v1/runs/${id}`)).json()) as { state: string }).state;
  await expect.poll(state, patience).toBe("cancelled");
  await hide(false);
  await expect(page.locator(`[data-run="${id}"]`)).toHaveAttribute("data-state", "cancelled");
});

test("what is focused in a list stays so when another is added", async ({ page, context }) => {
  const add = async (i: number) => {
    const sent = await context.request.post("/api/v1/corrections", { data: { strokes: [[[i, 10], [40, 10], [25, 60]]], label: 7 } });
    return ((await sent.json()) as { id: string }).id;
  };
  const first = await add(1);
  await page.goto("/corrections?lang=en");
  await page.locator(`#delete-${first}`).focus();
  const second = await add(2);
  await expect(page.locator(`#delete-${second}`)).toBeVisible();
  await expect(page.locator(`#delete-${first}`)).toBeFocused(); // the names of both are the same
  for (const id of [first, second]) await context.request.delete(`/api/v1/corrections/${id}`);
});

/** The page of corrections has one, misread as 1, which goes when it is deleted. */
async function listedAndDeleted(page: Page, what: string): Promise<void> {
  const cards = page.locator("[data-correction]");
  await expect(cards).toHaveCount(1);
  await expect(cards.getByRole("img", { name: `A ${what}` })).toBeVisible();
  await expect(cards.locator("dd")).toHaveText([/^1, \d+\.\d\s% wrong$/, /^1, \d+\.\d\s% wrong$/]);
  await everywhere(page, "/corrections");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: `Delete the ${what}` }).click();
  await expect(page.getByText("You have no corrections yet.")).toBeVisible();
}

test("a correction is sent, listed with both readings, and deleted", async ({ page }) => {
  await open(page);
  await draw(page, 1);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "1");
  await page.getByRole("button", { name: "Was it not 1?" }).click();
  await accessible(page);
  await page.getByRole("button", { name: "It was 7" }).click();
  await expect(page.getByText("Thank you: kept as 7.")).toBeVisible();
  await page.getByRole("link", { name: "Your corrections" }).click();
  await listedAndDeleted(page, "drawing of 7");
});

test("what is no digit is corrected as such, by keyboard", async ({ page }) => {
  await open(page);
  await draw(page, 1);
  await page.getByRole("button", { name: "Was it not 1?" }).press("Enter");
  const none = page.getByRole("button", { name: "It was no digit" });
  await none.focus();
  const sent = page.waitForRequest("**/api/v1/corrections");
  await page.keyboard.press("Enter");
  expect((await sent).postDataJSON()).toMatchObject({ label: null });
  await expect(page.getByText("Thank you: kept as no digit.")).toBeVisible();
  await page.getByRole("link", { name: "Your corrections" }).press("Enter");
  await listedAndDeleted(page, "drawing that is no digit");
});

test("a correction sent by mistake is taken back where it was sent", async ({ page, context }) => {
  const kept = async () => ((await (await context.request.get("/api/v1/corrections")).json()) as { corrections: unknown[] }).corrections.length;
  await open(page);
  await draw(page, 1);
  await page.getByRole("button", { name: "Was it not 1?" }).click();
  await page.getByRole("button", { name: "It was 4" }).click();
  await expect(page.getByText("Thank you: kept as 4.")).toBeVisible();
  await accessible(page);
  expect(await kept()).toBe(1);
  await context.setOffline(true);
  const back = page.getByRole("button", { name: "Take it back" });
  await page.getByRole("link", { name: "Your corrections" }).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("It could not be taken back. Check your connection and try again.")).toBeVisible();
  await expect(back).toBeFocused();
  await context.setOffline(false);
  await page.keyboard.press("Enter");
  await expect(page.getByText("Taken back.")).toBeVisible();
  await expect(back).toBeHidden();
  await expect(page.getByRole("button", { name: "Was it not 1?" })).toBeFocused();
  expect(await kept()).toBe(0);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "1"); // the drawing stays
});

test("what was not taken back is never said to be, nor forgotten", async ({ page, context }) => {
  await open(page);
  await draw(page, 1);
  const correct = async () => {
    await page.getByRole("button", { name: "Was it not 1?" }).click();
    await page.getByRole("button", { name: "It was 4" }).click();
  };
  await correct();
  const [kept] = ((await (await context.request.get("/api/v1/corrections")).json()) as { corrections: { id: string }[] }).corrections;
  const back = page.getByRole("button", { name: "Take it back" });
  await page.route("**/api/v1/corrections/*", (route) => route.fulfill({ status: 404 })); // as to a browser without its cookie
  await back.click();
  await expect(page.locator("#correction-status")).toHaveText("It is not among your corrections, or no longer.");
  await page.unroute("**/api/v1/corrections/*");
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    void page.route("**/api/v1/corrections/*", async (route) => {
      resolve();
      await new Promise<void>((go) => (answer = go));
      await route.fulfill({ status: 404 });
    });
  });
  await back.click();
  await expect(page.locator("#correction-status")).toHaveText("Being taken back…");
  await asked;
  await page.getByRole("button", { name: "Clear" }).click(); // it is about another drawing by then
  answer();
  await expect(page.getByText("The correction before was not taken back.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Your corrections" })).toBeVisible();
  await expect(back).toBeHidden();
  await page.unroute("**/api/v1/corrections/*");
  expect((await context.request.delete(`/api/v1/corrections/${kept!.id}`)).status()).toBe(204);
});

/** A drawing of a 1 as the bridge would send it, moved a little. */
const drawnOne = (i: number) => [[[10 + i, 10], [11 + i, 40], [10, 90]]];

test("after a retrain with corrections one's own drawings are read again, before and after", async ({ page, context }) => {
  await open(page);
  await draw(page, 1);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "1");
  await page.getByRole("button", { name: "Was it not 1?" }).click();
  await page.getByRole("button", { name: "It was 7" }).click();
  await expect(page.getByText("Thank you: kept as 7.")).toBeVisible();
  for (let i = 0; i < 12; i++) { // one in five is held out
    const sent = await context.request.post("/api/v1/corrections", { data: { strokes: drawnOne(i), label: 1 } });
    expect(sent.status()).toBe(201);
  }
  const corrections = await context.newPage();
  await corrections.goto("/corrections?lang=en");
  const cards = corrections.locator("#own [data-correction]");
  await expect(cards).toHaveCount(13);
  const readings = (which: "first" | "last") => cards.locator("dl").evaluateAll((all, which) => all.map((dl) => (which === "first" ? dl.firstElementChild : dl.lastElementChild)!.querySelector("dd")!.textContent), which);
  const before = await readings("first");
  expect(await readings("last")).toEqual(before); // the champion is the one that read them

  await corrections.getByRole("link", { name: "Train with the corrections" }).click();
  await expect(corrections.getByLabel("Add the corrections")).toBeChecked();
  const hint = (await corrections.locator("#corrections-hint").textContent())!;
  const joining = Number(/training images: (\d+);/.exec(hint)![1]);
  expect(joining).toBeGreaterThan(0);
  expect(hint).toContain(`kept apart for the comparison: ${13 - joining}.`);
  await corrections.goto("/corrections?lang=en");

  await page.goto("/train?corrections=1&epochs=1&batch_size=512&seed=5&lang=en");
  await page.getByRole("button", { name: "Start the run" }).click();
  await expect(page.locator("#log")).toContainText(`${(60_000 + joining).toLocaleString("en")} images`, patience);
  await expect(page.locator("#standing")).toHaveAttribute("data-state", "done", patience);
  await expect(page.getByRole("link", { name: "Your own drawings, before and after" })).toHaveAttribute("href", /^\/corrections\?model=seed-/);
  await page.getByRole("button", { name: "Make it the champion" }).click();
  await page.getByRole("button", { name: "Promote it anyway" }).click();
  await expect(page.getByRole("status")).toContainText("The champion is now seed-");
  const version = (await page.locator("tr.champion").getAttribute("data-version"))!;

  await expect(corrections.locator("#own .lede")).toContainText(`read correctly by the present champion, ${version}:`); // without a reload
  expect(await readings("first")).toEqual(before);
  const after = await readings("last");
  expect(after).not.toEqual(before);
  const { corrections: kept } = (await (await context.request.get("/api/v1/corrections")).json()) as { corrections: { id: string; strokes: number[][][] }[] };
  for (const [i, { id, strokes }] of kept.entries()) {
    const read = (await (await context.request.post("/api/v1/predict", { data: { strokes } })).json()) as { digit: number | null; model: string; probabilities: number[] };
    expect(read.model).toBe(version);
    expect(await cards.nth(i).getAttribute("data-correction")).toBe(id);
    if (read.digit !== null) expect(after[i]).toContain(`${read.digit}, ${(100 * read.probabilities[read.digit]!).toFixed(1)}`);
  }
  await accessible(corrections);
  for (const { id } of kept) await context.request.delete(`/api/v1/corrections/${id}`);
  await expect(corrections.getByText("You have no corrections yet.")).toBeVisible();
  await context.request.post("/api/v1/champion/rollback");
});

test("the correction can be chosen by keyboard, and Escape keeps the drawing", async ({ page }) => {
  await open(page);
  await draw(page, 1);
  const ask = page.getByRole("button", { name: "Was it not 1?" });
  await ask.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "It was 0" })).toBeFocused();
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
  const stored = page.locator("#versions-table tbody tr").filter({ has: page.getByRole("link", { name: /^Delete / }) }).first();
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
  await page.goto(`/compare?a=best&b=${version}&lang=en`);
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
