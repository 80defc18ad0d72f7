// Server-sent events for as long as somebody looks: a hidden page lets go of its
// connection, of which a browser has only six for all pages of a site, and asks
// for what it missed when it is seen again.

export type Handlers = Record<string, (data: unknown) => void>;

const [again, longest] = [3_000, 60_000]; // ms after a refusal, each time twice as many; a lost connection the browser mends itself

export class Live {
  private source: EventSource | null = null;
  private last = ""; // ID of the last event
  private timer = 0;
  private wait = again;

  /** onState: told whether events arrive; true also when they do again. */
  constructor(
    private readonly address: string,
    private readonly handlers: Handlers,
    private readonly onState: (connected: boolean) => void = () => {},
  ) {
    document.addEventListener("visibilitychange", () => this.follow());
    addEventListener("pageshow", () => this.follow());
    addEventListener("pagehide", () => this.close());
    addEventListener("online", () => this.follow());
    this.follow();
  }

  private follow(): void {
    if (document.hidden) return this.close();
    if (this.source || !navigator.onLine) return;
    const query = this.last ? `?after=${this.last}` : "";
    const source = new EventSource(this.address + query);
    this.source = source;
    source.addEventListener("open", () => {
      this.wait = again;
      this.onState(true);
    });
    source.addEventListener("error", () => {
      this.onState(false);
      if (source.readyState !== EventSource.CLOSED && navigator.onLine) return;
      this.close();
      this.timer = window.setTimeout(() => this.follow(), this.wait);
      this.wait = Math.min(2 * this.wait, longest);
    });
    for (const [kind, handle] of Object.entries(this.handlers)) {
      source.addEventListener(kind, (event: MessageEvent<string>) => {
        if (event.lastEventId) this.last = event.lastEventId;
        handle(JSON.parse(event.data));
      });
    }
  }

  private close(): void {
    window.clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }
}
