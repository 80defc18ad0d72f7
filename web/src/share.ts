// Copies a link that draws the drawing again, here or on another device.

import type { Drawing } from "./drawing";
import { toFragment } from "./link";
import { find, t } from "./page";

export class Share {
  private readonly button = find("#share", HTMLButtonElement);
  private readonly status = find("#shared", HTMLElement);

  constructor(private readonly drawing: Drawing) {
    this.button.addEventListener("click", () => void this.copy());
  }

  /** The drawing has changed: a link that was copied is of another one. */
  reset(): void {
    this.button.disabled = this.drawing.blank;
    this.say(t("draw.share"), "");
  }

  private async copy(): Promise<void> {
    const address = new URL("/", location.href);
    const model = new URLSearchParams(location.search).get("model");
    if (model) address.searchParams.set("model", model);
    address.hash = toFragment(this.drawing.strokes);
    try {
      await navigator.clipboard.writeText(address.href); // undefined at an address without TLS
      this.say(t("draw.share.copied"));
    } catch {
      history.replaceState(null, "", location.pathname + location.search + address.hash);
      this.say(t("draw.share.address"));
    }
  }

  private say(text: string, spoken = text): void {
    this.button.textContent = text;
    this.status.textContent = spoken;
  }
}
