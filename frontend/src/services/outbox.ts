import { ApiError, isTransient } from "./client";

/** More items than a day without a network produces; a full outbox drops its oldest items. */
const capacity = 1000;
const batchSize = 100;
const maxRetryDelayMilliseconds = 60_000;

interface OutboxSettings<Item> {
  name: string;
  /** How long to wait for more items before sending. */
  batchDelayMilliseconds: number;
  key: (item: Item) => string;
  /** Send items; return those that need not be sent again. */
  send: (items: Item[], keepalive: boolean) => Promise<Item[]>;
}

/**
 * A queue of items for the server, which are gathered for a moment and sent in batches.
 *
 * Items stay in the browser's storage until the server has accepted them, so neither a closed tab
 * nor a lost connection loses one. An item may be sent twice: the server must recognise its id.
 */
export class Outbox<Item> {
  readonly #settings: OutboxSettings<Item>;
  readonly #prefix: string;
  /** Each tab has a key of its own, so that no tab overwrites what another has not sent yet. */
  readonly #storageKey: string;
  readonly #listeners = new Set<() => void>();
  #pending: Item[];
  #sending: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(settings: OutboxSettings<Item>) {
    this.#settings = settings;
    this.#prefix = `${settings.name}:`;
    this.#storageKey = this.#prefix + crypto.randomUUID();
    this.#pending = this.#load();
  }

  add(item: Item): void {
    this.#pending = [...this.#pending, item].slice(-capacity);
    this.#store();
    this.#schedule(this.#settings.batchDelayMilliseconds);
  }

  /** Whether there are items that the server has not accepted yet. */
  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Call the listener whenever the server has accepted items; returns a function that unsubscribes it. */
  onDelivered(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Send a batch now and wait for the response. A failed batch is retried later. */
  async flush(): Promise<void> {
    this.#cancelTimer();
    await this.#sending;
    // Without a network there is no attempt; the `online` event starts the next one.
    if (this.#pending.length === 0 || !navigator.onLine) return;
    this.#sending = this.#send(false).finally(() => (this.#sending = undefined));
    await this.#sending;
  }

  /** Drop every pending item. */
  clear(): void {
    this.#pending = [];
    this.#store();
  }

  /** Send the items of earlier visits now, and pending items whenever the tab may be closing; returns a function that stops this. */
  start(): () => void {
    const sendBeforeClosing = () => {
      // The response may come too late; the next visit then sends the same items again.
      if (document.visibilityState === "hidden" && this.#pending.length > 0) void this.#send(true);
    };
    const retryNow = () => {
      this.#failures = 0;
      void this.flush();
    };
    window.addEventListener("pagehide", sendBeforeClosing);
    document.addEventListener("visibilitychange", sendBeforeClosing);
    window.addEventListener("online", retryNow);
    if (this.#pending.length > 0) this.#schedule(this.#settings.batchDelayMilliseconds);
    return () => {
      this.#cancelTimer();
      window.removeEventListener("pagehide", sendBeforeClosing);
      document.removeEventListener("visibilitychange", sendBeforeClosing);
      window.removeEventListener("online", retryNow);
    };
  }

  #schedule(milliseconds: number): void {
    this.#timer ??= setTimeout(() => void this.flush(), milliseconds);
  }

  #cancelTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #send(keepalive: boolean): Promise<void> {
    const batch = this.#pending.slice(0, batchSize);
    let settled = batch;
    try {
      settled = await this.#settings.send(batch, keepalive);
    } catch (error) {
      // Only these errors are retried: after any other one the server would reject the batch again.
      const isWorthRetrying = isTransient(error) || (error instanceof ApiError && error.status === 429);
      if (isWorthRetrying) settled = [];
    }
    this.#failures = settled.length === batch.length ? 0 : this.#failures + 1;
    const settledKeys = new Set(settled.map(this.#settings.key));
    this.#pending = this.#pending.filter((item) => !settledKeys.has(this.#settings.key(item)));
    this.#store();
    if (settled.length > 0) for (const listener of this.#listeners) listener();
    if (this.#pending.length > 0) this.#schedule(this.#retryDelay());
  }

  #retryDelay(): number {
    if (this.#failures === 0) return 0;
    return Math.min(1000 * 2 ** (this.#failures - 1), maxRetryDelayMilliseconds);
  }

  /** Take over the stored items of other tabs. Items that another tab is sending now are sent twice; the server counts them once. */
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
      if (this.#pending.length === 0) localStorage.removeItem(this.#storageKey);
      else localStorage.setItem(this.#storageKey, JSON.stringify(this.#pending));
    } catch {
      // Storage is blocked or full: the items are kept until the page is closed.
    }
  }
}
