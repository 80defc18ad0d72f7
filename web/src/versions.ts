// The choice of the version that reads. Choosing another loads the page again,
// which keeps the drawing; by keyboard only when the button is pressed, because an
// arrow key alone may change a closed list.

import { find, t } from "./page";

export class Versions {
  private readonly form = find("form.version", HTMLFormElement);
  private readonly select = find("select", HTMLSelectElement, this.form);
  private readonly button = find("button", HTMLButtonElement, this.form);

  /** refused is called when no other version can be chosen, as the machine is offline. */
  constructor(refused: () => void) {
    let byKeyboard = false;
    this.select.addEventListener("keydown", () => (byKeyboard = true));
    this.select.addEventListener("pointerdown", () => (byKeyboard = false));
    this.select.addEventListener("change", () => {
      if (byKeyboard) this.button.hidden = this.select.selectedOptions[0]?.defaultSelected ?? true;
      else this.form.requestSubmit();
    });
    this.form.addEventListener("submit", (event) => {
      if (navigator.onLine) return;
      event.preventDefault(); // the page would be gone
      this.undo();
      refused();
    });
    addEventListener("pageshow", () => this.undo()); // "back" shows what reads, not what was chosen
  }

  private undo(): void {
    this.form.reset();
    if (document.activeElement === this.button) this.select.focus(); // it goes
    this.button.hidden = true;
  }

  /** Lists a new champion first, and the one before it among the others. */
  crown(version: string, before: string): void {
    if (version === before) return;
    [...this.select.options].find(({ value }) => value === version)?.remove();
    const [first] = this.select.options;
    if (first) {
      first.value = first.text = before;
      first.defaultSelected = false;
    }
    this.select.prepend(new Option(t("draw.version.champion", { version }), "", true, true));
  }
}
