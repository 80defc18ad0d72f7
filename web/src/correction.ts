// "It was a 7": sends the drawing with its label to the server, if one asks for it.

import type { BridgeReading } from "./bridge";
import type { Drawing } from "./drawing";
import { find, t } from "./page";

const fine = 1e4; // points are sent in ten thousandths of the pad's side

interface Kept {
  label: number;
  state: "pending" | "approved";
}

interface Problem {
  detail?: string;
}

export class Correction {
  private readonly root = find("#correction", HTMLElement);
  private readonly ask = find("#correct", HTMLButtonElement, this.root);
  private readonly choice = find("#labels", HTMLElement, this.root);
  private readonly status = find("#correction-status", HTMLElement, this.root);
  private readonly link = find("a", HTMLElement, this.root);
  private reading: BridgeReading | null = null;

  /** version: the one that reads now. */
  constructor(
    private readonly drawing: Drawing,
    private readonly version: () => string,
  ) {
    this.ask.addEventListener("click", () => this.open(this.choice.hidden === true));
    for (const button of this.choice.querySelectorAll<HTMLButtonElement>("button")) {
      button.addEventListener("click", () => void this.send(Number(button.value)));
    }
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
    this.ask.textContent = reading.digit < 0 ? t("draw.correct.none") : t("draw.correct.digit", { digit: reading.digit });
  }

  /** The drawing has changed: what was said about the one before is over. */
  reset(blank: boolean): void {
    this.open(false);
    this.say("");
    this.link.hidden = true;
    this.ask.hidden = false;
    this.root.toggleAttribute("data-idle", blank || this.root.hasAttribute("data-idle"));
  }

  private open(open: boolean): void {
    this.choice.hidden = !open;
    this.ask.setAttribute("aria-expanded", String(open));
  }

  private say(text: string): void {
    this.status.textContent = text;
  }

  private async send(label: number): Promise<void> {
    const { reading } = this;
    if (!reading) return;
    this.say(t("draw.correct.sending"));
    try {
      const answer = await fetch("/api/v1/corrections", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(this.body(label, reading)),
      });
      if (answer.ok) return this.thank((await answer.json()) as Kept);
      const { detail = String(answer.status) } = (await answer.json().catch(() => ({}))) as Problem;
      this.say(t("draw.correct.refused", { detail }));
    } catch {
      this.say(t("draw.correct.failed"));
    }
  }

  private body(label: number, { digit, verdict, values }: BridgeReading): object {
    const round = (value: number) => Math.round(value * fine) / fine;
    return {
      strokes: this.drawing.strokes.map((stroke) => stroke.map(({ x, y }) => [round(x), round(y)])),
      label,
      version: this.version(),
      reading: { digit: digit < 0 ? null : digit, verdict, probabilities: [...values.subarray(0, 10)] },
    };
  }

  private thank({ label, state }: Kept): void {
    this.open(false);
    this.ask.hidden = true;
    this.link.hidden = false;
    this.say(state === "pending" ? t("draw.correct.pending", { digit: label }) : t("draw.correct.thanks", { digit: label }));
  }
}
