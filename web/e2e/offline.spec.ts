import { expect, serve, test } from "./fixtures";
import { draw, open } from "./pen";

// It has a server of its own, which ends, and comes back: until it is ready it answers 503.
test.use({ keeping: true, tolerated: [/^(console error: Failed to load resource: net::(ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING)|console error: Failed to load resource: the server responded with a status of 503|request to http:\/\/127\.0\.0\.1:)/] });

test("the draw page reads without its server, once it was there", async ({ page }) => {
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  let ended: Promise<void> = Promise.resolve();
  const address = await new Promise<string>((resolve, reject) => {
    ended = serve(async (address) => {
      resolve(address);
      await stopped;
    });
    ended.catch(reject);
  });
  await open(page, `${address}/?lang=tr`);
  const kept = () => page.evaluate(async () => (await (await caches.open("draw")).match("/")) !== undefined && navigator.serviceWorker.controller !== null);
  await expect.poll(kept).toBe(true);
  await draw(page, 3);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "3");
  stop();
  await ended;

  await page.goto(`${address}/`);
  await expect(page.locator("html")).toHaveAttribute("data-ready", "true");
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "3"); // the drawing is kept too
  await expect(page.locator("#swap")).toContainText("Bağlantı yok");
  await page.locator("#clear").click();
  await draw(page, 5);
  await expect(page.locator("#answer")).toHaveAttribute("data-digit", "5");

  await serve(() => expect(page.locator("#swap")).toBeEmpty({ timeout: 15_000 }), "--addr", new URL(address).host);
});
