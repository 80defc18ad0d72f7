// The service worker: without a network the draw page comes as it was last kept, with
// the files that it reads with (see offline.ts). All else is left to the network.

import { isKept, start } from "./offlinefiles";

// TypeScript knows the names of a page or those of a service worker, not both.
interface Scope {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}
interface Asked extends Event {
  request: Request;
  respondWith(answer: Promise<Response>): void;
  waitUntil(task: Promise<void>): void;
}
const scope = self as unknown as Scope;

async function fromNetwork(request: Request, kept: Request | string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const answer = await caches.match(kept, { ignoreVary: true });
    if (answer) return answer;
    throw error;
  }
}

addEventListener("install", () => void scope.skipWaiting());
addEventListener("activate", (event) => (event as Asked).waitUntil(scope.clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event as Asked;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const page = request.mode === "navigate" && url.pathname === start;
  if (page || isKept(url)) (event as Asked).respondWith(fromNetwork(request, page ? start : request));
});
