// The main job in the browsers that the other tests do not run in, where they are
// installed:
//
//   make browsers

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { importScript } from "../../wasm/node.mjs";
import { serve } from "../e2e/serve.mjs";
import * as firefox from "./firefox.mjs";
import * as webkit from "./webkit.mjs";

const { digits, smooth } = await importScript("../e2e/digits.ts");
const pages = ["/", "/report", "/confusion", "/train", "/models", "/compare?a=best&b=seed", "/corrections"];
const patience = 15_000; // ms

let address, stop, stopped;
before(async () => {
  address = await new Promise((resolve, reject) => {
    stopped = serve((address) => new Promise((end) => {
      stop = end;
      resolve(address);
    }));
    stopped.catch(reject);
  });
});
after(async () => {
  stop?.();
  await stopped;
});

for (const { name, launch } of [firefox, webkit]) {
  const browser = await launch();
  describe(browser ? `${name} ${browser.version}` : `${name}, which is not installed`, { skip: !browser }, () => {
    after(() => browser.close());

    /** Waits until the expression is true of the page. */
    async function until(expression) {
      for (const end = Date.now() + patience; Date.now() < end; ) {
        if (await browser.evaluate(expression)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.fail(`${expression} is ${await browser.evaluate(expression)}`);
    }

    async function open(path) {
      await browser.open(address + path);
    }

    test("reads ten digits while they are drawn", async () => {
      await browser.resize(1280, 800);
      await open("/?lang=en");
      await until(`document.documentElement.dataset.ready === "true"`);
      const [left, top, side] = await browser.evaluate(
        `(({ x, y, width }) => [x, y, width])(document.querySelector("#pad").getBoundingClientRect())`);
      for (const digit of Object.keys(digits)) {
        for (const path of digits[digit]) await browser.stroke(smooth(path).map(([x, y]) => [left + x * side, top + y * side]));
        await until(`document.querySelector("#answer").dataset.digit === "${digit}"`);
        await browser.evaluate(`document.querySelector("#clear").click()`);
        await until(`document.querySelector("#answer").dataset.verdict === "blank"`);
      }
    });

    test("no page scrolls sideways in a narrow window", async () => {
      for (const lang of ["tr", "en"]) {
        for (const path of pages) {
          await open(`${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
          await browser.resize(320, 640); // WebKitGTK's is never narrower than 447
          await until(`innerWidth < 450 && document.documentElement.scrollWidth <= innerWidth`);
        }
      }
    });

    test("the console has stayed empty", { skip: !browser?.complaints }, () => assert.deepEqual(browser.complaints, []));
  });
}
