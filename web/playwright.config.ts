import { chromium, defineConfig } from "@playwright/test";
import { found } from "./found.mjs";

/** Chromium: $CHROMIUM, or the first of the usual ones, of which that without a window is twice as quick; chromium.sh installs one. */
function browser(): string {
  const path = found(
    ...(process.env["CHROMIUM"] ? [process.env["CHROMIUM"]] : []),
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    chromium.executablePath(), // Playwright's own
    "chromium-browser", // last, as on Ubuntu it is a stub that asks for snap
  );
  if (!path) throw new Error("No Chromium found. Install it, or set CHROMIUM to the path of a Chromium or Chrome.");
  return path;
}

const quiet = ["quic", "background-networking", "component-update", "sync", "gpu"].map((what) => `--disable-${what}`);

export default defineConfig({
  testDir: "e2e",
  fullyParallel: true,
  forbidOnly: !!process.env["CI"],
  workers: 2,
  // A test that fails now and then has something to say; a busy CI machine has not,
  // and its list still names what was flaky.
  retries: process.env["CI"] ? 1 : 0,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    viewport: { width: 1280, height: 800 },
    trace: "on-first-retry", // always on, it doubles the time; "--trace on" for a test that fails here
    launchOptions: {
      executablePath: browser(),
      // root, as in a container, gets no sandbox
      args: process.getuid?.() === 0 ? [...quiet, "--no-sandbox"] : quiet,
    },
  },
});
