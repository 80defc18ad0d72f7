// The confusion page: every link on it works by itself; here it changes the page
// in place, and the arrow keys move between the cells that hold mistakes.

import { setUpCopying } from "./copytable";
import { fetchPage } from "./page";
import { Reproduction } from "./reproduce";

let shown = location.search; // the query of the page that is in the article
let asked = 0; // pages asked for, so that an older answer cannot replace a newer one

const navigations = () => [...document.querySelectorAll("article.confusion nav")];
const article = () => document.querySelector<HTMLElement>("article.confusion");

function setUp(): void {
  const root = article();
  if (!root) return;
  setUpCopying(root);
  root.querySelector(".keys")?.removeAttribute("hidden");
}

/**
 * Fetches the page at url and puts its article, and its links to other languages,
 * in place of those shown. False when something else was asked for meanwhile.
 */
async function show(url: string): Promise<boolean> {
  const mine = ++asked;
  const page = await fetchPage(url);
  const next = page.querySelector("article.confusion");
  if (!next) throw new Error(`${url}: no confusion matrix`);
  if (mine !== asked) return false;
  article()?.replaceWith(document.adoptNode(next));
  const languages = page.querySelector(".languages");
  if (languages) document.querySelector(".languages")?.replaceWith(document.adoptNode(languages));
  document.title = page.title;
  setUp();
  return true;
}

/**
 * After a view or the data were chosen focus stays on their link, after mistakes were chosen it goes to them.
 * Links is the navigation that the link was in, among those of the article.
 */
function focusOn(hash: string, links: number): void {
  const target =
    hash === "#pictures"
      ? article()?.querySelector<HTMLElement>("#pictures-heading")
      : navigations()[links]?.querySelector<HTMLElement>("[aria-current]");
  target?.focus({ preventScroll: true });
  if (hash === "#pictures") target?.scrollIntoView({ block: "nearest" });
}

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("article.confusion a[href^='?']") : null;
  if (!link) return;
  event.preventDefault();
  const { href, hash } = link;
  const links = navigations().findIndex((navigation) => navigation.contains(link));
  show(href).then(
    (done) => {
      if (!done) return;
      history.pushState(null, "", href);
      shown = location.search;
      focusOn(hash, links);
    },
    () => location.assign(href),
  );
}

const steps: Record<string, [number, number]> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/** The next link from cell in the direction of step; rows of the body have the same cells. */
function nextLink(cell: HTMLTableCellElement, [dy, dx]: [number, number]): HTMLElement | null {
  const rows = [...(cell.closest("tbody")?.rows ?? [])];
  let y = rows.indexOf(cell.parentElement as HTMLTableRowElement) + dy;
  let x = cell.cellIndex + dx;
  for (; rows[y]?.cells[x]; y += dy, x += dx) {
    const link = rows[y]?.cells[x]?.querySelector("a");
    if (link) return link;
  }
  return null;
}

function onKey(event: KeyboardEvent): void {
  const step = steps[event.key];
  const cell = event.target instanceof Element ? event.target.closest<HTMLTableCellElement>(".heat tbody td") : null;
  if (!step || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  nextLink(cell, step)?.focus();
}

document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
addEventListener("popstate", () => {
  if (location.search === shown) return; // only the fragment changed
  shown = location.search;
  const focused = article()?.contains(document.activeElement);
  show(location.href).then(
    (done) => {
      if (done && focused) focusOn(location.hash, 0);
    },
    () => location.reload(),
  );
});
setUp();
if (document.querySelector("#reproduce")) new Reproduction();
