// Says that a promotion is under way: the comparison before it can take seconds.

import { t } from "./page";

/** Marks the button that promotes while its form is on the way. */
export function markPromotions(announcement: HTMLElement): void {
  let marked: { button: HTMLButtonElement; text: string } | undefined;
  const unmark = () => {
    if (!marked) return;
    marked.button.removeAttribute("aria-busy");
    marked.button.textContent = marked.text;
    marked = undefined;
  };
  document.addEventListener("submit", (event) => {
    unmark(); // the browser gives up the one before
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement) || button.value !== "promote") return;
    marked = { button, text: button.textContent ?? "" };
    button.setAttribute("aria-busy", "true");
    button.textContent = announcement.textContent = t("common.comparing");
  });
  window.addEventListener("pageshow", unmark); // a page that is come back to waits for nothing
}
