import { getShopper, onShopper } from "./current-shopper";

/**
 * Items that wait in the browser's storage until the server has accepted them.
 *
 * Each shopper's items lie apart and are handed out only while that shopper is shopping. Each tab
 * has a key of its own, so that no tab overwrites what another has not sent yet; a tab takes over
 * the items of closed tabs. A tab that keeps items holds a lock with the name of their key.
 */
export class KeptItems<Item> {
  readonly #name: string;
  readonly #tab = crypto.randomUUID();
  #unlock: (() => void) | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** Keep these items of the present shopper instead of those kept before. */
  keep(items: readonly Item[]): void {
    const key = this.#key();
    write(key, items);
    if (items.length === 0) {
      this.#release();
    } else if (this.#unlock === undefined) {
      const released = new Promise<void>((resolve) => (this.#unlock = resolve));
      void lock(key, {}, () => released);
    }
  }

  /**
   * Hand over kept items whenever the server has said who is shopping; returns a function that stops this.
   *
   * The taker adds the items to its own and keeps all of them. When another shopper than before is
   * shopping, it has to drop its own first: they stay in storage for the one they belong to.
   */
  hand(taker: { take: (items: Item[]) => void; drop: () => void }): () => void {
    return onShopper((before) => {
      if (before === undefined) {
        // What was done before the server said by whom: the first answer says it.
        write(this.#key("unknown"), []);
        this.#release();
        taker.take([]);
      } else if (before !== getShopper()) {
        this.#release();
        taker.drop();
      }
      void this.#takeOver(taker.take);
    });
  }

  #key(shopper = getShopper() ?? "unknown"): string {
    return `${this.#name}:${shopper}:${this.#tab}`;
  }

  async #takeOver(take: (items: Item[]) => void): Promise<void> {
    const shopper = getShopper();
    for (const key of listKeys(`${this.#name}:${shopper ?? ""}:`)) {
      if (key === this.#key() && this.#unlock !== undefined) continue;
      await lock(key, { ifAvailable: true }, (isFree) => {
        const items = isFree && shopper === getShopper() ? read<Item>(key) : [];
        if (items.length === 0) return;
        write(key, []);
        take(items);
      });
    }
  }

  #release(): void {
    this.#unlock?.();
    this.#unlock = undefined;
  }
}

function listKeys(prefix: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

function read<Item>(key: string): Item[] {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]") as Item[];
  } catch {
    return [];
  }
}

function write(key: string, items: readonly unknown[]): void {
  try {
    if (items.length === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(items));
  } catch {
    // Storage is blocked or full: the items are kept until the page is closed.
  }
}

/** Run with the lock of a name, or, if it is not available, without; browsers without locks have one tab. */
async function lock(
  name: string,
  options: LockOptions,
  run: (isFree: boolean) => Promise<void> | void,
): Promise<void> {
  try {
    if ("locks" in navigator) await navigator.locks.request(name, options, (held) => run(held !== null));
    else await run(true);
  } catch (error) {
    // Storage is blocked, and locks with it: there is nothing to take over.
    if (!(error instanceof DOMException && error.name === "SecurityError")) throw error;
  }
}
