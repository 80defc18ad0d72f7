// Copies a link that draws the drawing again, here or on another device.

import type { Drawing } from "./drawing";
import { toFragment } from "./link";
import { find, t } from "./page";

export class Share {
  private readonly button = find("#share", HTMLButtonElement);
  private readonly status = find("#shared", HTMLElement);
  private turn = 0; // of the drawing: a link that was copied is of one
  private inAddress = false;

  constructor(private readonly drawing: Drawing) {
    this.button.addEventListener("click", () => void this.copy());
  }

  /** The drawing has changed. */
  reset(): void {
    this.turn++;
    this.button.disabled = this.drawing.blank;
    this.say("");
    if (this.inAddress) history.replaceState(null, "", location.pathname + location.search); // a reload would draw the old one
    this.inAddress = false;
  }

  private async copy(): Promise<void> {
    const mine = this.turn;
    const fragment = toFragment(this.drawing.strokes);
    if (fragment === null) return this.say(t("draw.share.large"));
    const address = new URL("/", location.href);
    const model = new URLSearchParams(location.search).get("model");
    if (model) address.searchParams.set("model", model);
    address.hash = fragment;
    try {
      await navigator.clipboard.writeText(address.href); // undefined at an address without TLS
      if (mine === this.turn) this.say(t("draw.share.copied"));
    } catch {
      if (mine !== this.turn) return;
      history.replaceState(null, "", location.pathname + location.search + address.hash);
      this.inAddress = true;
      this.say(t("draw.share.address"));
    }
  }

  private say(text: string): void {
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}
