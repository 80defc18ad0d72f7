// Times what people wait for on the drawing page. It says something on an idle machine
// only, so it runs when it is asked to:
//
//   cd web && TIMES=10 CHROMIUM=chromium npx playwright test e2e/times.spec.ts --workers 1

import type { PlaywrightWorkerArgs } from "@playwright/test";
import { expect, test } from "./fixtures";
import { digits } from "./digits";
import { draw, open } from "./pen";

const times = Number(process.env["TIMES"] ?? 0);

test.skip(times === 0, "TIMES says how often");

// Each start in a browser of its own with nothing cached, from the request until module
// and model are in. One that was only just launched is still busy with itself.
for (const { what, settles, limit } of [
  { what: "in a browser that runs", settles: 3_000, limit: 1000 },
  { what: "in a browser just launched", settles: 0, limit: 2000 },
]) {
  test(`a cold start is ready within ${limit} ms ${what}`, async ({ playwright, address }) => {
    test.setTimeout(times * 15_000);
    const starts: Record<string, number>[] = [];
    while (starts.length < times) starts.push(await coldStart(playwright, address, settles));
    for (const part of Object.keys(starts[0]!)) say(part, starts.map((start) => start[part]!));
    expect(median(starts.map(({ ready }) => ready!))).toBeLessThan(limit);
  });
}

async function coldStart({ chromium }: PlaywrightWorkerArgs["playwright"], address: string, settles: number): Promise<Record<string, number>> {
  const browser = await chromium.launch();
  try {
    const page = await browser.newPage();
    await new Promise((resolve) => setTimeout(resolve, settles));
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
    return { "worker begun": worker - origin, "files there": Math.max(...files), ready };
  } finally {
    await browser.close();
  }
}

// What the page itself says under the answer, after every movement of the pen.
test("a reading takes 2 ms while the pen moves", async ({ page }) => {
  test.setTimeout(times * 60_000);
  await open(page);
  await page.evaluate(() => {
    const line = document.querySelector("#latency")!;
    const write = () => {
      const said = /Read in ([\d.]+) ms, on screen (\d+) ms/.exec(line.textContent!);
      if (said) performance.mark("reading", { detail: said.slice(1).map(Number) });
    };
    new MutationObserver(write).observe(line, { childList: true, characterData: true, subtree: true });
  });
  for (let n = 0; n < times; n++) {
    for (const digit of Object.keys(digits).map(Number)) {
      await draw(page, digit, true);
      await page.locator("#clear").click();
    }
  }
  const readings = await page.evaluate(() => performance.getEntriesByName("reading").map((mark) => (mark as PerformanceMark).detail as number[]));
  say("read", readings.map(([read]) => read!));
  say("on screen", readings.map(([, shown]) => shown!));
  expect(median(readings.map(([read]) => read!))).toBeLessThan(2);
});

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function say(what: string, values: number[]): void {
  const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)].map((ms) => ms.toFixed(1));
  console.log(`${what}: median ${middle} ms of ${values.length}, from ${least} to ${most} ms`);
}
