// What every browser test stands on: the real server on a port of its own, and a
// page that may neither complain nor talk to another host.

import { test as base, expect } from "@playwright/test";
import { serve } from "./serve.mjs";

interface TestOptions {
  /** Complaints that the test itself provokes. */
  tolerated: RegExp[];
  /** Whether the draw page is kept for when there is no network. */
  keeping: boolean;
}

export const test = base.extend<TestOptions & { strictPage: void }, { address: string }>({
  address: [
    ({}, use) => serve(use),
    { scope: "worker" },
  ],

  baseURL: ({ address }, use) => use(address),

  tolerated: [[], { option: true }],
  keeping: [false, { option: true }],

  context: async ({ context, keeping }, use) => {
    // What a service worker fetches the tests could not hold back.
    if (!keeping) await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "serviceWorker"));
    await use(context);
  },

  strictPage: [
    async ({ context, address, tolerated }, use) => {
      const complaints: string[] = [];
      context.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(`console ${message.type()}: ${message.text()}`);
      });
      context.on("weberror", (error) => complaints.push(`uncaught: ${error.error().message}`));
      context.on("request", (request) => {
        const url = new URL(request.url());
        if (url.origin !== address && !["data:", "blob:"].includes(url.protocol)) complaints.push(`request to ${url.origin}`);
      });
      await use();
      const unexpected = complaints.filter((complaint) => !tolerated.some((pattern) => pattern.test(complaint)));
      expect(unexpected, "complaints of the page").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect, serve };
