// WebKit, by WebDriver: Safari where it is, else WebKitGTK's little browser (Debian's
// package webkit2gtk-driver), which needs a display: xvfb-run gives it one.

import { spawn } from "node:child_process";
import { Builder, Capabilities } from "selenium-webdriver";
import { found } from "../found.mjs";

export const name = "WebKit";

const port = 4455;

/** Null where there is none. */
export async function launch() {
  if (process.platform === "darwin") return drive(await new Builder().forBrowser("safari").build(), () => {});
  const driver = found("WebKitWebDriver");
  if (!driver) return null;
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) throw new Error("WebKit needs a display: run this with xvfb-run");
  const service = spawn(driver, [`--port=${port}`], {
    stdio: "ignore",
    // root, as in a container, gets no sandbox
    env: process.getuid() === 0 ? { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" } : process.env,
  });
  const stop = () => service.kill();
  try {
    const capabilities = new Capabilities({ browserName: "MiniBrowser" });
    return await drive(await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build(), stop);
  } catch (error) {
    stop();
    throw error;
  }
}

async function drive(driver, stop) {
  return {
    version: (await driver.getCapabilities()).getBrowserVersion(),
    complaints: null, // WebDriver does not tell them
    async resize(width, height) {
      const [inner, outer] = await driver.executeScript("return [[innerWidth, innerHeight], [outerWidth, outerHeight]]");
      await driver.manage().window().setRect({ width: width + outer[0] - inner[0], height: height + outer[1] - inner[1] });
    },
    open: (address) => driver.get(address),
    evaluate: (expression) => driver.executeScript(`return ${expression}`),
    async stroke([[x, y], ...rest]) {
      let pen = driver.actions({ async: true }).move({ x: Math.round(x), y: Math.round(y), duration: 0 }).press();
      for (const [x, y] of rest) pen = pen.move({ x: Math.round(x), y: Math.round(y), duration: 8 });
      await pen.release().perform();
    },
    async close() {
      await driver.quit();
      stop();
    },
  };
}
