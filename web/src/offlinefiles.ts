// What offline.ts keeps and the service worker gives without a network: the draw page,
// and the files that it names, which never change at their address.

export const start = "/"; // the page's address, whatever its query was

const files = String.raw`\/(?:assets\/[\w.-]+|api\/v1\/models\/[\w.-]+\/weights\?v=\w+)`;

/** Whether a file at that address is kept. */
export function isKept(url: URL): boolean {
  return new RegExp(`^${files}$`).test(url.pathname + url.search);
}

/** The addresses of the files that a page names. */
export function filesOf(html: string): Set<string> {
  return new Set(html.match(new RegExp(files, "g")));
}
