// What of the draw page is kept for when there is no network: the page and the files
// that it names. Those never change at their address.

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
