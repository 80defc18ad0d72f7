import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { draw, inked, open, stroke } from "./pen";
import { mockWorker } from "./worker";

// What is broken here is broken by the tests, and the browser says so too.
test.use({ tolerated: [/^console (error: Failed to load resource|warning: rakam)/] });

const failure = "#failure";

test("weights that do not arrive: says so, and reads the drawing after a retry", async ({ page }) => {
  await page.route("**/weights*", (route) => route.abort());
  await page.goto("/?lang=en");
  await expect(page.locator(failure)).toContainText("The weights of the network could not be fetched: the server cannot be reached.");
  await expect(page.locator("html")).toHaveAttribute("data-ready", "false");
  await draw(page, 3);
  expect(await inked(page)).toBeGreaterThan(0);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "");
  await page.unroute("**/weights*");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "3");
  await expect(page.locator(failure)).toBeHidden();
});

test("a module that the server does not give: says what it answered", async ({ page }) => {
  await page.route("**/rakam-*.wasm", (route) => route.fulfill({ status: 503 }));
  await page.goto("/?lang=tr");
  await expect(page.locator(failure)).toContainText("Okuma programı indirilemedi: sunucu 503 yanıtını verdi.");
  await expect(page.getByRole("button", { name: "Yeniden dene" })).toBeVisible();
});

test("when one file fails, the others are given up", async ({ page }) => {
  await page.route("**/weights*", () => {}); // never answered
  const asked = page.waitForRequest("**/weights*");
  await page.route("**/rakam-*.wasm", async (route) => {
    await asked;
    await route.fulfill({ status: 503 });
  });
  const givenUp = page.waitForEvent("requestfailed", (request) => request.url().includes("/weights"));
  await page.goto("/?lang=en");
  expect((await givenUp).failure()?.errorText).toContain("ABORTED");
  await expect(page.locator(failure)).toContainText("The reading program could not be fetched: the server answered 503.");
});

// As after a rebuild: the page asks for files that are gone.
for (const file of ["worker-*.js", "rakam-*.wasm", "weights*"]) {
  test(`a stale page, whose ${file} is gone, is reloaded with its drawing`, async ({ page }) => {
    await page.route(`**/${file}`, (route) => route.fulfill({ status: 404 }));
    await page.goto("/?lang=en");
    await draw(page, 3);
    await expect(page.locator(failure)).toContainText("This page is older than the site");
    await page.unroute(`**/${file}`);
    await page.getByRole("button", { name: "Reload the page" }).click();
    await expect(page.locator("#answer")).toHaveAttribute("data-digit", "3");
    await expect(page.locator(failure)).toBeHidden();
  });
}

test("a module that is none: says that it could not be started, in the page's language", async ({ page }) => {
  await page.route("**/rakam-*.wasm", (route) => route.fulfill({ contentType: "application/wasm", body: "no module" }));
  await page.goto("/?lang=tr");
  await expect(page.locator(failure)).toContainText("Okuma programı başlatılamadı (tarayıcınız onu derleyemiyor).");
});

test("damaged weights: says that they could not be read, in the page's language", async ({ page }) => {
  await page.route("**/weights*", (route) => route.fulfill({ body: "not a model" }));
  await page.goto("/?lang=tr");
  await expect(page.locator(failure)).toContainText("Ağın ağırlıkları okunamadı (bu sayfanın okuyabileceği bir model değil ya da yolda bozulmuş).");
});

test("a drawing that cannot be read: says why, and reads the next one", async ({ page }) => {
  await mockWorker(
    page,
    `const why = [{ code: "points", limit: 1048576 }, { code: "panic" }][data.strokeEnds.length - 1];
    return why ? { kind: "unread", failure: { reason: "reading", ...why } }
      : { kind: "reading", milliseconds: 1, reading: { digit: 1, verdict: "digit", candidates: [], shapes: 1, layers: [10], values: new Float32Array(804) } }`,
  );
  await open(page, "/?lang=tr");
  for (const [x, why] of [[0.3, "en çok 1.048.576 nokta olabilir"], [0.5, "Rakam’daki bir hata; ayrıntısı tarayıcınızın konsolunda"]] as const) {
    await stroke(page, [[x, 0.2], [x, 0.8]]);
    await expect(page.locator(failure)).toContainText(`Bu çizim okunamadı (${why}).`);
    await expect(page.locator("#retry")).toBeHidden();
  }
  await stroke(page, [[0.7, 0.2], [0.7, 0.8]]);
  await expect(page.locator(failure)).toBeHidden();
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "1");
});

test("a missing script: the page says so by itself", async ({ page }) => {
  await page.route("**/draw-*.js", (route) => route.fulfill({ status: 404 }));
  await page.goto("/?lang=en");
  await expect(page.getByText("Part of this page has not arrived.")).toBeVisible({ timeout: 12_000 });
});

test("a missing worker: says that it could not be fetched", async ({ page }) => {
  await page.route("**/worker-*.js", (route) => route.abort());
  await page.goto("/?lang=en");
  await expect(page.locator(failure)).toContainText("The reading program could not be fetched");
});

test("a missing kernel only costs time", async ({ page }) => {
  await page.route("**/kernel-*.wasm", (route) => route.fulfill({ status: 404 }));
  await open(page);
  await draw(page, 6);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "6");
});

test("a kernel that never comes is not waited for", async ({ page }) => {
  await page.route("**/kernel-*.wasm", () => {});
  await open(page);
  await draw(page, 6);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "6");
});

test("no WebAssembly: says so, without a button that cannot help", async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
  await page.goto("/?lang=en");
  await expect(page.locator(failure)).toContainText("This browser cannot run WebAssembly.");
  await expect(page.locator("#retry")).toBeHidden();
});

test("slow loading shows how far it is, and what was drawn is read when it ends", async ({ page }) => {
  let go = () => {};
  const gate = new Promise<void>((resolve) => (go = resolve));
  await page.route("**/weights*", async (route) => {
    await gate;
    await route.continue();
  });
  await page.goto("/?lang=en");
  await expect(page.locator("#loading")).toContainText("Loading the network: 75 %");
  await draw(page, 5);
  go();
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "5");
  await expect(page.locator("#loading")).toBeHidden();
});

test("a worker that falls silent is replaced, and the drawing is read", async ({ page }) => {
  await open(page);
  await page.workers()[0]!.evaluate(() => close());
  await draw(page, 2);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "2");
});

test("a module that dies twice in a row is given up, with a button", async ({ page }) => {
  await open(page);
  const die = () => page.workers()[0]!.evaluate(() => postMessage({ kind: "dead" }));
  const replaced = page.waitForEvent("worker");
  await die();
  await replaced;
  await expect(page.locator("html")).toHaveAttribute("data-ready", "true");
  await die();
  await expect(page.locator(failure)).toContainText("stopped twice in a row");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-ready", "true");
});

for (const drawn of [false, true]) {
  test(`weights that kill the worker twice are refused, with ${drawn ? "a" : "no"} drawing on the pad`, async ({ page }) => {
    await mockWorker(page, `return { kind: "reading", milliseconds: 1, reading: { digit: 3, verdict: "digit", candidates: [], shapes: 1, layers: [10], values: new Float32Array(804) } };`);
    await open(page);
    if (drawn) await draw(page, 3);
    const version = await page.locator("#champion").textContent();
    let taken = 0;
    await page.route("**/api/v1/champion", (route) => route.fulfill({ json: { version: "deadly", links: { weights: "/deadly" } } }));
    await page.route("**/deadly", (route) => (taken++, route.fulfill({ body: "x" })));
    await page.evaluate(() => dispatchEvent(new Event("online"))); // it looks
    await expect(page.locator("#swap")).toHaveText(`The new version could not be taken; ${version} goes on reading.`);
    await expect(page.locator("html")).toHaveAttribute("data-ready", "true");
    await expect(page.locator(failure)).toBeHidden();
    expect(taken).toBe(2);
  });
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the page says what it needs", async ({ page }) => {
    await page.goto("/?lang=tr");
    await expect(page.locator("noscript p")).toHaveText(/^Çizim sayfası JavaScript ve WebAssembly ister/);
    await expect(page.locator("noscript p")).toBeVisible();
  });
});

// The script begins before the page is parsed; here that takes until release is called.
async function holdParsing(page: Page): Promise<() => Promise<void>> {
  await page.addInitScript(() => {
    let held = true;
    const real = Object.getOwnPropertyDescriptor(Document.prototype, "readyState")!;
    Object.defineProperty(document, "readyState", { get: () => (held ? "loading" : real.get!.call(document)) });
    addEventListener("readystatechange", (event) => held && event.stopImmediatePropagation(), { capture: true });
    addEventListener("test:release", () => {
      held = false;
      document.dispatchEvent(new Event("readystatechange"));
    });
  });
  return () => page.evaluate(() => void dispatchEvent(new Event("test:release")));
}

test("what comes before the page is parsed is not lost", async ({ page }) => {
  await mockWorker(page, "");
  const release = await holdParsing(page);
  const weights = page.waitForResponse("**/weights*");
  const module = page.waitForResponse("**/rakam-*.wasm");
  await page.goto("/?lang=en");
  await Promise.all([(await weights).finished(), (await module).finished()]);
  await page.waitForTimeout(1_000); // the worker has said that it is ready
  await expect(page.locator("html")).not.toHaveAttribute("data-ready");
  await release();
  await expect(page.locator("html")).toHaveAttribute("data-ready", "true");
});

test("what fails before the page is parsed is told", async ({ page }) => {
  await page.route("**/rakam-*.wasm", (route) => route.fulfill({ status: 503 }));
  const release = await holdParsing(page);
  const module = page.waitForResponse("**/rakam-*.wasm");
  await page.goto("/?lang=en");
  await module;
  await page.waitForTimeout(500);
  await release();
  await expect(page.locator(failure)).toContainText("the server answered 503");
});

test("a page whose style does not come reads all the same", async ({ page }) => {
  await page.route("**/style-*.css", (route) => route.abort());
  await page.goto("/?lang=en");
  await expect(page.locator("html")).toHaveAttribute("data-ready", "true");
});
