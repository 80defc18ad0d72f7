// Parts of a page that the server writes and a script renews.

/** Puts the server's newest version of the elements in place of the page's own. */
export async function renew(...ids: string[]): Promise<void> {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`${location.href}: ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ids) {
    const [old, next] = [document.getElementById(id), page.getElementById(id)];
    if (!old || !next) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(document.adoptNode(next));
    refocus(focused, next);
  }
}

/** What had the focus keeps it, or the part it was in gets it. */
function refocus(focused: Element | null, next: HTMLElement): void {
  if (!focused) return;
  const selector = focused.id ? `#${CSS.escape(focused.id)}` : focused.getAttribute("href") ? `[href="${CSS.escape(focused.getAttribute("href") ?? "")}"]` : "";
  const twin = selector ? next.querySelector<HTMLElement>(selector) : null;
  if (!twin) next.tabIndex = -1;
  (twin ?? next).focus({ preventScroll: true });
}

/** Calls task once for many calls that come close together. */
export function gathered(task: () => void, milliseconds: number): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(task, milliseconds);
  };
}
