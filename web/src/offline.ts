// Keeps the draw page for when there is no network, each time it is there.

import { filesOf, start } from "./offlinefiles";

/**
 * Keeps this page as it is now, with its files, and forgets what an earlier one needed.
 * False if the server can't be reached, so that this one was kept itself.
 */
export async function keepForOffline(): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return true; // as at an address without TLS
  const page = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!page) return false;
  if (!page.ok) return true;
  try {
    await navigator.serviceWorker.register("/sw.js");
    const files = filesOf(await page.clone().text());
    const cache = await caches.open("draw");
    const known = new Set((await cache.keys()).map(({ url }) => url.slice(location.origin.length)));
    await cache.addAll([...files].filter((file) => !known.has(file)));
    await cache.put(start, page);
    for (const old of known) if (old !== start && !files.has(old)) await cache.delete(old, { ignoreVary: true });
  } catch (error) {
    console.info("rakam: this page is not kept for offline:", error); // no room, or a browser that keeps nothing
  }
  return true;
}
