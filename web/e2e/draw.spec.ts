import { expect, test } from "./fixtures";
import { digits } from "./digits";
import { draw, inked, open, stroke, touch } from "./pen";
import { mockWorker } from "./worker";

for (const digit of Object.keys(digits).map(Number)) {
  test(`reads a drawn ${digit}`, async ({ page }) => {
    await open(page);
    await draw(page, digit);
    const answer = page.locator("#answer");
    await expect(answer).toHaveAttribute("data-digit", String(digit));
    await expect(answer).toHaveAttribute("data-verdict", "digit");
    await expect(answer).toHaveText(new RegExp(`^\\s*${digit}\\s*certain\\s*$`));
    const probability = page.locator(`[data-class="${digit}"]`);
    await expect.poll(async () => Number(await probability.getAttribute("data-probability"))).toBeGreaterThan(0.5);
  });
}

test("answers while the pen moves", async ({ page }) => {
  await open(page);
  await stroke(page, digits[0]![0]!, false);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "0");
  await expect(page.locator("#latency")).toContainText(/Read in \d+\.\d ms, on screen \d+ ms/);
  await page.mouse.up();
});

test("shows what the network sees, and its layers", async ({ page }) => {
  await open(page);
  await draw(page, 3);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "3");
  await expect(page.locator(".layers span")).toHaveText(["784", "64", "96", "96", "128", "128", "128", "10"]);
  const meanings = page.locator(".layers span");
  await expect(meanings.nth(6)).toHaveAttribute("title", "Activations of 128 units, 64 of each of 2 networks");
  await expect(meanings.nth(7)).toHaveAttribute("title", "Activations of 10 units");
  const lit = await page.locator(".layers canvas").evaluateAll((all) =>
    all.map((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
      return data.some((value, i) => i % 4 === 3 && value > 200);
    }),
  );
  expect(lit).toEqual(Array<boolean>(8).fill(true));
});

test("a blank pad is not read", async ({ page }) => {
  await open(page);
  const answer = page.locator("#answer");
  await expect(answer).toHaveAttribute("data-verdict", "blank");
  await expect(answer).toHaveAttribute("data-digit", "");
  await expect(page.getByText("Draw a digit here.")).toBeVisible();
  await expect(page.locator("#clear")).toBeDisabled();
  await expect(page.locator("#undo")).toBeDisabled();
  await draw(page, 1);
  await expect(page.getByText("Draw a digit here.")).toBeHidden();
});

test("a fence is no digit", async ({ page }) => {
  await open(page);
  for (const at of [0.35, 0.65]) {
    await stroke(page, [[at, 0.2], [at, 0.8]]);
    await stroke(page, [[0.2, at], [0.8, at]]);
  }
  await expect(page.locator("#answer")).toHaveAttribute("data-verdict", /^(none|unsure)$/);
});

// What a network is unsure of changes with its weights, so the answers come from the test.
interface Shown {
  digit: number;
  verdict: string;
  candidates: number[];
  shapes: number;
  outputs?: Record<number, number>;
  tr: RegExp;
  spoken: string;
}

const verdicts: Shown[] = [
  { digit: 4, verdict: "unsure", candidates: [4, 9], shapes: 1, tr: /^\s*4\s*kararsız: 4 ya da 9\s*$/, spoken: "Kararsız: 4 ya da 9." },
  { digit: 4, verdict: "unsure", candidates: [4], shapes: 1, tr: /^\s*4\s*kararsız\s*$/, spoken: "Kararsız: belki 4." },
  { digit: 4, verdict: "digit", candidates: [], shapes: 1, tr: /^\s*4\s*büyük olasılıkla\s*$/, spoken: "4, %57,0 olasılıkla." },
  {
    digit: 4, verdict: "digit", candidates: [], shapes: 1, outputs: { 4: 0.93, 9: 0.02 },
    tr: /^\s*4\s*emin\s*$/, spoken: "4, %93,0 olasılıkla.",
  },
  {
    digit: 4, verdict: "digit", candidates: [4, 9], shapes: 1, outputs: { 4: 0.94, 9: 0.48 }, // each output is asked on its own
    tr: /^\s*4\s*büyük olasılıkla\s*$/, spoken: "4, %94,0 olasılıkla.",
  },
  { digit: -1, verdict: "none", candidates: [], shapes: 1, tr: /^\s*\?\s*bu hiçbir rakama benzemiyor\s*$/, spoken: "Bu hiçbir rakama benzemiyor." },
  {
    digit: -1, verdict: "none", candidates: [], shapes: 3,
    tr: /^\s*\?\s*bu bir rakam değil: yan yana 3 ayrı şekil\s*$/, spoken: "Bu bir rakam değil: yan yana 3 ayrı şekil.",
  },
  { digit: -1, verdict: "several", candidates: [4, 2], shapes: 2, tr: /^\s*\?\s*birden çok rakam: 4 ve 2\s*$/, spoken: "Birden çok rakam: 4 ve 2. Tek tek çizin." },
  { digit: -1, verdict: "little", candidates: [], shapes: 0, tr: /^\s*\?\s*mürekkep az: daha büyük çizin\s*$/, spoken: "Mürekkep az. Daha büyük çizin." },
];

for (const { tr, spoken, outputs = { 4: 0.57 }, ...reading } of verdicts) {
  test(`shows the verdict "${spoken}"`, async ({ page }) => {
    await mockWorker(
      page,
      `const values = Object.assign(new Float32Array(804), ${JSON.stringify(outputs)});
      return { kind: "reading", milliseconds: 1, reading: { ...${JSON.stringify({ ...reading, layers: [10] })}, values } }`,
    );
    await open(page, "/?lang=tr");
    await draw(page, 4);
    const shown = page.locator("#answer");
    await expect(shown).toHaveText(tr);
    await expect(shown).toHaveAttribute("data-digit", reading.digit < 0 ? "" : String(reading.digit));
    await expect(shown).toHaveAttribute("data-verdict", reading.verdict);
    await expect(page.locator("#announcement")).toHaveText(spoken);
    // There is nothing to learn from a dot.
    await expect(page.locator("#correct")).toBeVisible({ visible: reading.verdict !== "little" });
    const none = reading.verdict === "several" ? "Tek bir rakam mıydı?" : "Bir rakam mı çizdiniz?";
    if (reading.verdict !== "little") await expect(page.locator("#correct")).toHaveText(reading.digit < 0 ? none : "4 değil miydi?");
  });
}

test("a tap, and one that slips, are too little ink", async ({ page }) => {
  await open(page);
  const answer = page.locator("#answer");
  for (const tap of [[[0.5, 0.5]], [[0.3, 0.5], [0.303, 0.5]]] as const) {
    await stroke(page, tap, false);
    await expect(answer).toHaveAttribute("data-verdict", "little");
    await expect(answer).toHaveText(/^\s*$/); // more may come
    await page.mouse.up();
    await expect(answer).toHaveText(/^\s*\?\s*too little ink: draw it larger\s*$/);
    await expect(answer).toHaveAttribute("data-digit", "");
    await expect(page.locator("#announcement")).toHaveText("Too little ink. Draw it larger.");
    await page.keyboard.press("Escape");
    await expect(answer).toHaveAttribute("data-verdict", "blank");
  }
});

test("two digits side by side are several, and each is named", async ({ page }) => {
  await open(page);
  const squeeze = (digit: number, left: number) => digits[digit]!.map((path) => path.map(([x, y]) => [left + x * 0.5, y] as const));
  for (const path of [...squeeze(2, 0), ...squeeze(5, 0.5)]) await stroke(page, path);
  const answer = page.locator("#answer");
  await expect(answer).toHaveAttribute("data-verdict", "several");
  await expect(answer).toHaveAttribute("data-digit", "");
  await expect(answer).toHaveText(/^\s*\?\s*several digits: 2 and 5\s*$/);
  await expect(page.locator("#announcement")).toHaveText("Several digits: 2 and 5. Draw one at a time.");
});

test("undo takes back a stroke, clear everything, and undo that", async ({ page }) => {
  await open(page);
  const answer = page.locator("#answer");
  const [clear, undo] = [page.getByRole("button", { name: "Clear" }), page.getByRole("button", { name: "Undo" })];
  await draw(page, 1);
  await expect(answer).toHaveAttribute("data-digit", "1");
  const one = await inked(page);
  await stroke(page, [[0.1, 0.3], [0.9, 0.3]]);
  await expect.poll(() => inked(page)).toBeGreaterThan(one);
  await undo.click();
  await expect(answer).toHaveAttribute("data-digit", "1");
  expect(await inked(page)).toBe(one);
  await clear.click();
  await expect(answer).toHaveAttribute("data-verdict", "blank");
  await expect(answer).toHaveAttribute("data-digit", "");
  await expect(page.locator('[data-class="1"]')).toHaveAttribute("data-probability", /^0(\.0+)?$/);
  expect(await inked(page)).toBe(0);
  await undo.click();
  await expect(answer).toHaveAttribute("data-digit", "1");
});

test("draws by keyboard, and says what was read", async ({ page }) => {
  await open(page);
  await page.locator("#pad").focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Space");
  for (let i = 0; i < 16; i++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight"); // the pen is up: no ink
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "1");
  await expect(page.locator("#announcement")).toHaveText(/^1, with \d+\.\d\s% probability\.$/);
  await page.locator("#model").focus();
  await page.keyboard.press("Escape"); // there it would close the list
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "1");
  await page.locator("#pad").focus();
  await page.keyboard.press("Escape");
  await expect(page.locator("#answer")).toHaveAttribute("data-verdict", "blank");
  await page.keyboard.press("Control+z");
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "1");
});

test("Tab reaches the pad and its help appears", async ({ page }) => {
  await open(page);
  const help = page.getByText("By keyboard: arrow keys");
  await expect(help).toBeHidden();
  for (let i = 0; i < 12 && (await page.locator("#pad:focus").count()) === 0; i++) await page.keyboard.press("Tab");
  await expect(page.locator("#pad")).toBeFocused();
  await expect(help).toBeVisible();
});

test("a button that has nothing more to do gives the focus to the pad", async ({ page }) => {
  await open(page);
  for (const button of ["#undo", "#clear"]) {
    await draw(page, 1);
    await page.locator(button).focus();
    await page.keyboard.press("Enter");
    await expect(page.locator("#answer")).toHaveAttribute("data-verdict", "blank");
    await expect(page.locator(button)).toBeDisabled();
    await expect(page.locator("#pad")).toBeFocused();
  }
});

test("offline no other version is chosen, and the drawing stays", async ({ page, context }) => {
  await open(page);
  await draw(page, 7);
  const [address, reads] = [page.url(), await page.locator("#model").inputValue()];
  await context.setOffline(true);
  await page.locator("#model").selectOption("seed");
  await expect(page.locator("#swap")).toHaveText(/^You are offline: /);
  await expect(page.locator("#model")).toHaveValue(reads);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "7");
  expect(page.url()).toBe(address);
  await context.setOffline(false);
  await page.locator("#model").selectOption("seed");
  await expect(page).toHaveURL(/model=seed/);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "7");
});

test("the right button draws nothing", async ({ page }) => {
  await open(page);
  await page.locator("#pad").click({ button: "right", position: { x: 100, y: 100 } });
  expect(await inked(page)).toBe(0);
});

test("a pen shows that the touch before it was a palm", async ({ page }) => {
  await open(page);
  await page.locator("#pad").evaluate((pad) => {
    const box = pad.getBoundingClientRect();
    const send = (kind: string, pointerType: string, pointerId: number, x: number, y: number) =>
      pad.dispatchEvent(
        new PointerEvent(`pointer${kind}`, { pointerType, pointerId, clientX: box.x + x * box.width, clientY: box.y + y * box.height, bubbles: true }),
      );
    send("down", "touch", 11, 0.9, 0.9);
    send("move", "touch", 11, 0.7, 0.9);
    send("down", "pen", 12, 0.5, 0.2);
    for (let y = 0.25; y <= 0.8; y += 0.05) {
      send("move", "touch", 11, 0.9 - y, 0.9);
      send("move", "pen", 12, 0.5, y);
    }
    send("up", "pen", 12, 0.5, 0.8);
    send("up", "touch", 11, 0.1, 0.9);
    send("down", "touch", 13, 0.1, 0.1); // the hand still rests
    send("up", "touch", 13, 0.1, 0.1);
  });
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "1");
  await page.locator("#undo").click();
  expect(await inked(page)).toBe(0);
});

test("keeps the drawing and its reading when the window changes", async ({ page }) => {
  await open(page);
  await draw(page, 4);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "4");
  const before = await inked(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(async () => Math.abs((await inked(page)) - before)).toBeLessThan(0.01);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "4");
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("a finger draws and the page stays where it is", async ({ page }) => {
    await open(page);
    await touch(page, 7);
    await expect(page.locator("#answer")).toHaveAttribute("data-digit", "7");
    expect(await page.evaluate(() => [scrollX, scrollY, visualViewport?.scale])).toEqual([0, 0, 1]);
  });

  test("a second finger is ignored", async ({ page }) => {
    await open(page);
    const box = (await page.locator("#pad").boundingBox())!;
    const at = (x: number, y: number, id: number) => ({ x: box.x + x * box.width, y: box.y + y * box.height, id });
    const session = await page.context().newCDPSession(page);
    const send = (type: "touchStart" | "touchMove" | "touchEnd", touchPoints: ReturnType<typeof at>[]) =>
      session.send("Input.dispatchTouchEvent", { type, touchPoints });
    await send("touchStart", [at(0.5, 0.2, 0)]);
    await send("touchStart", [at(0.5, 0.2, 0), at(0.9, 0.9, 1)]);
    for (let y = 0.25; y <= 0.8; y += 0.05) await send("touchMove", [at(0.5, y, 0), at(0.9 - y, 0.9, 1)]);
    await send("touchEnd", []);
    await expect(page.locator("#answer")).toHaveAttribute("data-digit", "1");
    await page.locator("#undo").click();
    expect(await inked(page)).toBe(0); // there was one stroke
  });
});

test("speaks Turkish", async ({ page }) => {
  await open(page, "/?lang=tr");
  await expect(page.locator("html")).toHaveAttribute("lang", "tr");
  await expect(page.getByText("Buraya bir rakam çizin.")).toBeVisible();
  await draw(page, 2);
  await expect(page.locator("#answer")).toHaveText(/^\s*2\s*emin\s*$/);
  await expect(page.locator('[data-class="2"] .value')).toHaveText(/^%\d+,\d$/);
  await expect(page.locator("#latency")).toContainText(/\d,\d ms’de okundu/);
});

test("keeps the drawing when the language changes, and stroke by stroke", async ({ page }) => {
  await open(page, "/?lang=tr");
  await draw(page, 7);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "7");
  const before = await inked(page);
  await page.getByRole("link", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.locator("#answer")).toHaveText(/^\s*7\s*certain\s*$/);
  await expect(page.locator("#latency")).toHaveText(/^Read in \d+\.\d ms\.$/); // no pen moved on this page
  expect(await inked(page)).toBe(before);
  const undo = page.getByRole("button", { name: "Undo" });
  await undo.click();
  await undo.click();
  await expect(undo).toBeDisabled();
  expect(await inked(page)).toBe(0);
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-ready", "true");
  expect(await inked(page)).toBe(0);
});

// At 200 % zoom a window of 1280×800 has 640×400 CSS pixels.
for (const size of [{ width: 640, height: 400 }, { width: 568, height: 320 }]) {
  test.describe(`in ${size.width}×${size.height}`, () => {
    test.use({ viewport: size });

    test("pad and answer are seen together", async ({ page }) => {
      await open(page);
      await draw(page, 8);
      await expect(page.locator("#answer")).toHaveAttribute("data-digit", "8");
      expect(await page.evaluate(() => scrollY)).toBe(0);
      for (const part of ["#pad", ".numeral", ".word"]) await expect(page.locator(part)).toBeInViewport({ ratio: 1 });
    });
  });
}
