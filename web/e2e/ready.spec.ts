// Times cold starts of the drawing page: each in a browser of its own with nothing
// cached, from the request until module and model are in, and when each part came.
// It says something on an idle machine only, so it runs when it is asked to:
//
//   cd web && TIMES=16 CHROMIUM=chromium npx playwright test e2e/ready.spec.ts

import { expect, test } from "./fixtures";

const times = Number(process.env["TIMES"] ?? 0);
const promised = 1000; // ms

test.skip(times === 0, "TIMES says how often");

test("a cold start is ready within a second", async ({ playwright, address }) => {
  test.setTimeout(times * 10_000);
  const starts: Record<string, number>[] = [];
  while (starts.length < times) {
    const browser = await playwright.chromium.launch();
    const page = await browser.newPage();
    await page.addInitScript(() => {
      const watch = () => {
        if (document.documentElement.dataset["ready"] === "true") performance.mark("ready");
      };
      new MutationObserver(watch).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-ready"] });
    });
    await page.goto(address, { waitUntil: "commit" });
    await page.waitForFunction(() => performance.getEntriesByName("ready").length > 0);
    const { origin, files, ready } = await page.evaluate(() => ({
      origin: performance.timeOrigin,
      files: performance.getEntriesByType("resource")
        .filter(({ name }) => /rakam-|weights/.test(name))
        .map((entry) => (entry as PerformanceResourceTiming).responseEnd),
      ready: performance.getEntriesByName("ready")[0]!.startTime,
    }));
    expect(files).toHaveLength(2); // the module and the weights
    const worker = await page.workers()[0]!.evaluate(() => performance.timeOrigin);
    starts.push({ "worker begun": worker - origin, "files there": Math.max(...files), ready });
    await browser.close();
  }
  for (const part of Object.keys(starts[0]!)) {
    const sorted = starts.map((start) => Math.round(start[part]!)).sort((a, b) => a - b);
    console.log(`${part}: median ${sorted[sorted.length >> 1]} ms, from ${sorted[0]} to ${sorted.at(-1)} ms`);
  }
  expect(Math.max(...starts.map(({ ready }) => ready!))).toBeLessThan(promised);
});
