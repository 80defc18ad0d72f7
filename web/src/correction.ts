// "It was 7": sends the drawing with its label to the server, if one asks for it.

import type { BridgeReading } from "./bridge";
import { thinned, type Drawing } from "./drawing";
import { find, t } from "./page";

interface Kept {
  id: string;
  label: number | null; // null for what is no digit
  state: "pending" | "approved";
}

/** What the server says no with, where the page has words of its own for it. */
const refusals: Record<number, string> = {
  413: "draw.correct.large",
  429: "draw.correct.many",
  507: "draw.correct.full",
};

export class Correction {
  private readonly root = find("#correction", HTMLElement);
  private readonly ask = find("#correct", HTMLButtonElement, this.root);
  private readonly choice = find("#labels", HTMLElement, this.root);
  private readonly status = find("#correction-status", HTMLElement, this.root);
  private readonly sent = find("#sent", HTMLElement, this.root);
  private readonly back = find("#take-back", HTMLButtonElement, this.sent);
  private readonly link = find("a", HTMLElement, this.sent);
  private readonly buttons = [...this.choice.querySelectorAll<HTMLButtonElement>("button")];
  private readonly none = find("#no-digit", HTMLButtonElement, this.choice);
  private reading: BridgeReading | null = null;
  private sentID = ""; // of the correction that was made of this drawing
  private turn = 0; // of the drawing: an answer to one before says nothing of this one

  /** version: the one that reads now. */
  constructor(
    private readonly pad: HTMLElement,
    private readonly drawing: Drawing,
    private readonly version: () => string,
  ) {
    this.ask.addEventListener("click", () => this.open(this.choice.hidden === true));
    for (const button of this.buttons) {
      button.addEventListener("click", () => void this.send(button));
    }
    this.back.addEventListener("click", () => void this.takeBack());
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.choice.hidden) return;
      event.stopPropagation(); // it would clear the pad
      this.open(false);
      this.ask.focus();
    });
  }

  /** Offers to correct a reading; of a new drawing when the one before was sent. */
  offer(reading: BridgeReading): void {
    this.reading = reading;
    this.root.removeAttribute("data-idle");
    if (reading.digit < 0 && document.activeElement === this.none) this.ask.focus(); // before it goes
    this.none.hidden = reading.digit < 0; // that is what it says itself
    this.ask.textContent = question(reading);
  }

  /** The drawing has no reading that could be corrected. */
  withdraw(): void {
    this.reading = null;
    this.root.toggleAttribute("data-idle", true);
  }

  /** The drawing has changed: what was said about the one before is over. */
  reset(blank: boolean): void {
    this.turn++;
    this.enable(true);
    if (this.root.contains(document.activeElement)) this.pad.focus({ preventScroll: true });
    this.open(false);
    this.say("");
    this.offerBack(false);
    this.root.toggleAttribute("data-idle", blank || this.root.hasAttribute("data-idle"));
  }

  private open(open: boolean): void {
    this.choice.hidden = !open;
    this.ask.setAttribute("aria-expanded", String(open));
  }

  private enable(enabled: boolean): void {
    for (const button of this.buttons) button.disabled = !enabled;
  }

  private say(text: string): void {
    this.status.textContent = text;
  }

  private async send(button: HTMLButtonElement): Promise<void> {
    const { reading } = this;
    if (!reading) return;
    const mine = ++this.turn;
    const focused = this.root.contains(document.activeElement);
    this.enable(false); // a second tap would give the drawing a second label
    this.say(t("draw.correct.sending"));
    try {
      const answer = await fetch("/api/v1/corrections", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(this.body(button === this.none ? null : Number(button.value), reading)),
      });
      const kept = answer.ok ? ((await answer.json()) as Kept) : null;
      if (mine !== this.turn) return;
      if (kept) return this.thank(kept, focused);
      const { status } = answer;
      this.say(t(refusals[status] ?? "draw.correct.refused", { status }));
    } catch {
      if (mine === this.turn) this.say(t("draw.correct.failed"));
    }
    if (mine !== this.turn) return;
    this.enable(true);
    if (focused) (button.hidden ? this.ask : button).focus(); // which it could not keep while it was disabled
  }

  private body(label: number | null, { digit, verdict, values }: BridgeReading): object {
    return {
      strokes: thinned(this.drawing.strokes).map((stroke) => stroke.map(({ x, y }) => [x, y])),
      side: 1,
      label,
      version: this.version(),
      reading: { digit: digit < 0 ? null : digit, verdict, probabilities: [...values.subarray(0, 10)] },
    };
  }

  /** Offers to take the drawing back once it is sent, and before that to send it. */
  private offerBack(sent: boolean): void {
    this.sent.hidden = !sent;
    this.ask.hidden = sent;
    this.back.disabled = this.back.hidden = false;
  }

  private thank({ id, label, state }: Kept, focused: boolean): void {
    this.sentID = id;
    this.enable(true);
    this.open(false);
    this.offerBack(true);
    if (focused) this.link.focus();
    if (label === null) this.say(state === "pending" ? t("draw.correct.pending.none") : t("draw.correct.thanks.none"));
    else this.say(state === "pending" ? t("draw.correct.pending", { digit: label }) : t("draw.correct.thanks", { digit: label }));
  }

  private async takeBack(): Promise<void> {
    const mine = this.turn;
    const focused = this.root.contains(document.activeElement);
    this.back.disabled = true;
    this.say(t("draw.correct.back.sending"));
    const status = await deleted(this.sentID);
    const over = mine !== this.turn;
    if (over && status === 204) return; // the page is about another drawing now
    if (over) return this.tellLate();
    this.say(t(outcomes[status] ?? "draw.correct.back.refused", { status }));
    this.offerBack(status !== 204);
    if (focused) (status === 204 ? this.ask : this.back).focus();
  }

  /** The one before could not be taken back; the page of corrections can. */
  private tellLate(): void {
    this.say(t("draw.correct.back.late"));
    if (!this.sent.hidden) return; // this one was sent too, and the link is there
    this.sent.hidden = false;
    this.back.hidden = true;
  }
}

/** What taking a correction back ends with, by the server's status. */
const outcomes: Record<number, string> = {
  0: "draw.correct.back.failed",
  204: "draw.correct.back.done",
  404: "draw.correct.back.gone", // or somebody else's, as without the cookie: the server does not say
};

/** Deletes a correction and returns the status of the answer, 0 for none. */
async function deleted(id: string): Promise<number> {
  try {
    return (await fetch(`/api/v1/corrections/${id}?mine=1`, { method: "DELETE" })).status;
  } catch {
    return 0;
  }
}

/** What could be wrong about a reading. */
function question({ digit, verdict }: BridgeReading): string {
  if (digit >= 0) return t("draw.correct.digit", { digit });
  return verdict === "several" ? t("draw.correct.several") : t("draw.correct.none");
}
