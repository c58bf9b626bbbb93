import { onlineManager } from "@tanstack/react-query";
import { type ComponentType, useEffect, useState } from "react";

const timeLimitMilliseconds = 15_000;
const retryMilliseconds = 10_000;

/** What stands in for a part also gets this. */
export interface Retry {
  /** Fetch the code again, and tell whether it came. */
  retry: () => Promise<boolean>;
  /** How often the code could not be fetched since the part was shown. */
  failures: number;
}

const loaders: (() => Promise<unknown>)[] = [];

/** Fetch every part, so that each opens at once, even without a network. */
export async function preloadParts(): Promise<void> {
  const parts: Promise<unknown>[] = [];
  for (const load of loaders) {
    parts.push(load());
    // All at once would hold up a tap on a slow phone.
    await new Promise((resolve) => setTimeout(resolve));
  }
  await Promise.all(parts);
}

/**
 * A component whose code is fetched when it is first needed.
 *
 * While the code is on its way, `Loading` stands in its place. While it cannot be fetched, `Failed`
 * does; it is fetched again every ten seconds, and when the network is back. React's own `lazy`
 * would throw instead, and never try again. `load` fetches the code before the component is needed
 * and returns the component itself, or undefined.
 */
export function lazyPart<Props extends object>(
  importPart: () => Promise<{ default: ComponentType<Props> }>,
  Failed: ComponentType<Props & Retry>,
  Loading: ComponentType<Props> = Nothing,
) {
  let Loaded: ComponentType<Props> | undefined;
  let hasFailed = false;

  const load = async (): Promise<ComponentType<Props> | undefined> => {
    try {
      Loaded ??= (await Promise.race([importPart(), failLate()])).default;
    } catch {
      hasFailed = true;
    }
    return Loaded;
  };
  loaders.push(load);

  function LazyPart(props: Props) {
    const [state, setState] = useState<"loading" | "loaded" | "failed">(hasFailed ? "failed" : "loading");
    const [failures, setFailures] = useState(0);
    const [retry] = useState(() => async () => {
      const hasLoaded = (await load()) !== undefined;
      setState(hasLoaded ? "loaded" : "failed");
      if (!hasLoaded) setFailures((before) => before + 1);
      return hasLoaded;
    });
    useEffect(() => {
      void retry();
    }, [retry]);
    useEffect(() => {
      if (state !== "failed") return undefined;
      const timer = setInterval(() => void retry(), retryMilliseconds);
      const unsubscribe = onlineManager.subscribe(() => void retry());
      return () => {
        clearInterval(timer);
        unsubscribe();
      };
    }, [state, retry]);
    if (Loaded) return <Loaded {...props} />;
    return state === "failed" ? <Failed {...props} retry={retry} failures={failures} /> : <Loading {...props} />;
  }

  return Object.assign(LazyPart, { load });
}

const Nothing = () => null;

/** The browser waits for a script without an end. */
const failLate = () =>
  new Promise<never>((_, reject) => {
    setTimeout(() => {
      reject(new Error("The script did not arrive in time."));
    }, timeLimitMilliseconds);
  });
