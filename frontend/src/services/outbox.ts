import { onlineManager } from "@tanstack/react-query";

import { ApiError, isTransient } from "./client";
import { isShopperChanging, waitForShopper } from "./current-shopper";
import { KeptItems } from "./kept-items";

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
 * nor a lost connection loses one. An item may be sent twice: the server must recognise its id. It
 * is sent only while the shopper it belongs to is shopping.
 */
export class Outbox<Item> {
  readonly #settings: OutboxSettings<Item>;
  readonly #kept: KeptItems<Item>;
  readonly #listeners = new Set<() => void>();
  #pending: Item[] = [];
  #sending: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(settings: OutboxSettings<Item>) {
    this.#settings = settings;
    this.#kept = new KeptItems(settings.name);
  }

  add(item: Item): void {
    this.#keep([...this.#pending, item]);
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
    while (this.#sending !== undefined || isShopperChanging()) await (this.#sending ?? waitForShopper());
    // Without a network there is no attempt; its return starts the next one.
    if (this.#pending.length === 0 || !onlineManager.isOnline()) return;
    this.#sending = this.#send(false).finally(() => (this.#sending = undefined));
    await this.#sending;
  }

  /** Drop every pending item. */
  clear(): void {
    this.#keep([]);
  }

  /** Send the items of earlier visits now, and pending items whenever the tab may be closing; returns a function that stops this. */
  start(): () => void {
    const sendBeforeClosing = () => {
      // The response may come too late; the next visit then sends the same items again.
      if (document.visibilityState !== "hidden" || this.#pending.length === 0 || isShopperChanging()) return;
      void this.#send(true);
    };
    const retryNow = () => {
      this.#failures = 0;
      void this.flush();
    };
    window.addEventListener("pagehide", sendBeforeClosing);
    document.addEventListener("visibilitychange", sendBeforeClosing);
    const stops = [
      onlineManager.subscribe(retryNow),
      this.#kept.hand({
        take: (items) => {
          this.#keep([...items, ...this.#pending]);
          this.#schedule(this.#settings.batchDelayMilliseconds);
        },
        drop: () => {
          this.#pending = [];
        },
      }),
    ];
    if (this.#pending.length > 0) this.#schedule(this.#settings.batchDelayMilliseconds);
    return () => {
      this.#cancelTimer();
      window.removeEventListener("pagehide", sendBeforeClosing);
      document.removeEventListener("visibilitychange", sendBeforeClosing);
      for (const stop of stops) stop();
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
    this.#keep(this.#pending.filter((item) => !settledKeys.has(this.#settings.key(item))));
    if (settled.length > 0) for (const listener of this.#listeners) listener();
    if (this.#pending.length > 0) this.#schedule(this.#retryDelay());
  }

  #retryDelay(): number {
    if (this.#failures === 0) return 0;
    return Math.min(1000 * 2 ** (this.#failures - 1), maxRetryDelayMilliseconds);
  }

  #keep(items: Item[]): void {
    this.#pending = items.slice(-capacity);
    this.#kept.keep(this.#pending);
  }
}
