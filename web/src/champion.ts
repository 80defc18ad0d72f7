// Follows who is the champion: fetches its weights when it changes, and looks
// again after sleep and after a time without a connection.

import { Live } from "./live";

interface ChampionAnswer {
  version: string;
  links: { weights: string };
}

export class Champion {
  private asking = false;
  private again = false; // it may have changed since it was asked for

  /** known: whether weights are taken already; change: told of others, already fetched; reached: the server is there, or again. */
  constructor(
    private readonly known: (address: string) => boolean,
    private readonly change: (version: string, weights: ArrayBuffer, address: string) => void,
    private readonly failed: () => void,
    reached: () => void,
  ) {
    new Live("/api/v1/events", { champion: () => void this.look() }, (connected) => {
      if (connected) reached();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.look();
    });
    for (const event of ["online", "pageshow"]) addEventListener(event, () => void this.look());
  }

  /** Looks whether it has changed. */
  async look(): Promise<void> {
    this.again = true;
    if (this.asking) return;
    this.asking = true;
    try {
      while (this.again) {
        this.again = false;
        await this.fetch();
      }
    } finally {
      this.asking = false;
    }
  }

  private async fetch(): Promise<void> {
    try {
      const answer = await fetch("/api/v1/champion");
      if (!answer.ok) return; // there will be another event, or another look
      const { version, links } = (await answer.json()) as ChampionAnswer;
      if (this.known(links.weights)) return;
      const file = await fetch(links.weights);
      if (!file.ok) return this.failed();
      const bytes = await file.arrayBuffer();
      this.change(version, bytes, links.weights);
    } catch {
      // the network is away; "online" looks again
    }
  }
}
