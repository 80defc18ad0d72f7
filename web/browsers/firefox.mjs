// Firefox, by WebDriver BiDi: $FIREFOX, or the first one found on the path.

import puppeteer from "puppeteer-core";
import { found } from "../found.mjs";

export const name = "Firefox";

/** Null where there is none. */
export async function launch() {
  const executablePath = process.env.FIREFOX || found("firefox", "firefox-esr", "/Applications/Firefox.app/Contents/MacOS/firefox");
  if (!executablePath) return null;
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) complaints.push(message.text());
  });
  return {
    version: await browser.version(),
    complaints,
    resize: (width, height) => page.setViewport({ width, height }),
    open: (address) => page.goto(address, { waitUntil: "domcontentloaded" }),
    evaluate: (expression) => page.evaluate(expression),
    async stroke([first, ...rest]) {
      await page.mouse.move(...first);
      await page.mouse.down();
      for (const point of rest) await page.mouse.move(...point);
      await page.mouse.up();
    },
    close: () => browser.close(),
  };
}
