import { ApiError, isTransient } from "./client";

/** More than a long day without network; beyond it the oldest go. */
const capacity = 1000;
const batchSize = 100;
const maxRetryDelayMilliseconds = 60_000;

interface OutboxSettings<Item> {
  name: string;
  /** How long to wait for more before sending. */
  batchDelayMilliseconds: number;
  key: (item: Item) => string;
  /** Sends some items and says which of them need not be sent again. */
  send: (items: Item[], keepalive: boolean) => Promise<Item[]>;
}

/**
 * What is to be told to the shop, gathered for a moment and sent together.
 *
 * Items stay in the browser's storage until the shop has answered for them: neither a closed tab
 * nor a lost connection loses one. An item may be sent twice, so the shop must know it by its id.
 */
export class Outbox<Item> {
  readonly #settings: OutboxSettings<Item>;
  readonly #prefix: string;
  /** Each tab keeps its own, so that none writes over what another has not sent. */
  readonly #storageKey: string;
  readonly #listeners = new Set<() => void>();
  #unsent: Item[];
  #sending: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(settings: OutboxSettings<Item>) {
    this.#settings = settings;
    this.#prefix = `${settings.name}:`;
    this.#storageKey = this.#prefix + crypto.randomUUID();
    this.#unsent = this.#load();
  }

  add(item: Item): void {
    this.#unsent = [...this.#unsent, item].slice(-capacity);
    this.#store();
    this.#schedule(this.#settings.batchDelayMilliseconds);
  }

  /** Whether there is something that the shop has not heard of. */
  get hasPending(): boolean {
    return this.#unsent.length > 0;
  }

  /** Be told whenever the shop has taken items in. */
  onDelivered(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Send what is waiting now, and wait until it was tried. What fails is tried again later. */
  async flush(): Promise<void> {
    this.#pause();
    await this.#sending;
    // Without a network nothing is tried; its return starts the next try.
    if (this.#unsent.length === 0 || !navigator.onLine) return;
    this.#sending = this.#send(false).finally(() => (this.#sending = undefined));
    await this.#sending;
  }

  /** Drop what was not sent. */
  clear(): void {
    this.#unsent = [];
    this.#store();
  }

  /** Send what an earlier visit left, and what is waiting whenever the tab may be closing. */
  start(): () => void {
    const leave = () => {
      // The answer may not be waited for; without one the next visit sends the same again.
      if (document.visibilityState === "hidden" && this.#unsent.length > 0) void this.#send(true);
    };
    const again = () => {
      this.#failures = 0;
      void this.flush();
    };
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", leave);
    window.addEventListener("online", again);
    if (this.#unsent.length > 0) this.#schedule(this.#settings.batchDelayMilliseconds);
    return () => {
      this.#pause();
      window.removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", leave);
      window.removeEventListener("online", again);
    };
  }

  #schedule(milliseconds: number): void {
    this.#timer ??= setTimeout(() => void this.flush(), milliseconds);
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #send(keepalive: boolean): Promise<void> {
    const batch = this.#unsent.slice(0, batchSize);
    let settled = batch;
    try {
      settled = await this.#settings.send(batch, keepalive);
    } catch (error) {
      // What was refused as a whole would be refused for ever.
      const later = isTransient(error) || (error instanceof ApiError && error.status === 429);
      if (later) settled = [];
    }
    this.#failures = settled.length === batch.length ? 0 : this.#failures + 1;
    const gone = new Set(settled.map(this.#settings.key));
    this.#unsent = this.#unsent.filter((item) => !gone.has(this.#settings.key(item)));
    this.#store();
    if (settled.length > 0) for (const listener of this.#listeners) listener();
    if (this.#unsent.length > 0) this.#schedule(this.#delay());
  }

  #delay(): number {
    if (this.#failures === 0) return 0;
    return Math.min(1000 * 2 ** (this.#failures - 1), maxRetryDelayMilliseconds);
  }

  /** What any tab left behind. What another one is just sending goes twice and counts once. */
  #load(): Item[] {
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.#prefix));
      const left = keys.flatMap((key) => JSON.parse(localStorage.getItem(key) ?? "[]") as Item[]);
      for (const key of keys) localStorage.removeItem(key);
      if (left.length > 0) localStorage.setItem(this.#storageKey, JSON.stringify(left));
      return left;
    } catch {
      return [];
    }
  }

  #store(): void {
    try {
      if (this.#unsent.length === 0) localStorage.removeItem(this.#storageKey);
      else localStorage.setItem(this.#storageKey, JSON.stringify(this.#unsent));
    } catch {
      // Storage is blocked or full: the items live as long as the page.
    }
  }
}
