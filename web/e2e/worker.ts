import type { Page } from "@playwright/test";

/**
 * Puts a worker of the test's in the place of the page's: ready when it has been
 * given all that a worker needs, it answers each drawing, in data, with what the
 * function with this body returns. Other weights kill it.
 */
export async function mockWorker(page: Page, body: string): Promise<void> {
  const script = `
    const read = (data) => { ${body} };
    const given = new Set();
    onmessage = ({ data }) => {
      if (data.kind === "read") return postMessage(read(data));
      if (data.kind === "load") return postMessage({ kind: "dead" });
      given.add(data.kind);
      if (["start", "weights"].every((kind) => given.has(kind))) {
        given.clear();
        postMessage({ kind: "ready", model: { name: "test", spec: "784-10", networks: 1, layers: [10] } });
      }
    }`;
  await page.route("**/worker-*.js", (route) => route.fulfill({ contentType: "text/javascript", body: script }));
}
