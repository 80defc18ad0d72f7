// Says that a promotion is under way: the comparison before it can take seconds.

import { t } from "./page";

/** Marks the button that promotes while its form is on the way, and sends that only once. */
export function waitForPromotions(announcement: HTMLElement): void {
  let marked: { button: HTMLButtonElement; text: string } | undefined;
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement) || button.value !== "promote") return;
    if (marked) {
      event.preventDefault();
      return;
    }
    marked = { button, text: button.textContent ?? "" };
    button.setAttribute("aria-busy", "true");
    button.textContent = announcement.textContent = t("common.comparing");
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (!persisted || !marked) return; // a page that is come back to waits for nothing
    marked.button.removeAttribute("aria-busy");
    marked.button.textContent = marked.text;
    marked = undefined;
  });
}
