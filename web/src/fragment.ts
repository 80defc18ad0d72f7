// Parts of a page that the server writes and a script renews.

import { fetchPage } from "./page";
import { localTimes } from "./times";

const newest = new Map<string, number>(); // for each part the number of the last renewal asked for

/**
 * Puts the server's newest version of the elements in place of the page's own,
 * where they differ. An answer that a later call has overtaken changes nothing.
 */
export async function renew(...ids: string[]): Promise<void> {
  const mine = ids.map((id) => {
    const turn = (newest.get(id) ?? 0) + 1;
    newest.set(id, turn);
    return { id, turn };
  });
  const page = await fetchPage(location.href);
  for (const { id, turn } of mine) {
    if (turn !== newest.get(id)) continue;
    const [old, next] = [document.getElementById(id), page.getElementById(id)];
    if (!old || !next) continue;
    localTimes(next);
    if (old.isEqualNode(next)) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = [...old.querySelectorAll(".scroll")].map(({ scrollLeft }) => scrollLeft);
    old.replaceWith(document.adoptNode(next));
    next.querySelectorAll(".scroll").forEach((part, i) => (part.scrollLeft = scrolled[i] ?? 0));
    refocus(focused, next);
  }
}

/** What had the focus keeps it, or the part it was in gets it. */
function refocus(focused: Element | null, next: HTMLElement): void {
  if (!focused) return;
  const selector = identity(focused);
  const twin = selector ? next.querySelector<HTMLElement>(selector) : null;
  if (!twin) next.tabIndex = -1;
  (twin ?? next).focus({ preventScroll: true });
}

/** A selector by which an element is found again in another version of the page. */
function identity(element: Element): string {
  if (element.id) return `#${CSS.escape(element.id)}`;
  for (const name of ["href", "aria-label", "aria-labelledby", "value"]) {
    const value = element.getAttribute(name);
    if (value) return `${element.localName}[${name}="${CSS.escape(value)}"]`;
  }
  return "";
}

/** Calls task once for many calls that come close together. */
export function gathered(task: () => void, milliseconds: number): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(task, milliseconds);
  };
}
