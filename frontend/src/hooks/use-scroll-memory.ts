import { useEffect, useLayoutEffect, useRef } from "react";
import { NavigationType, useLocation, useNavigationType } from "react-router";

const memory = "scroll-positions";
const timeoutMilliseconds = 3000;

/** State of a navigation that must not move the page, as when a filter changes. */
export const stayHere = { stayHere: true };

/**
 * A new page starts at its top; back and forward find the place that was left.
 *
 * What a page shows may still be on its way: the place is tried again as the page grows, until
 * the shopper moves by hand.
 */
export function useScrollMemory(): void {
  const { key, state } = useLocation() as { key: string; state: unknown };
  const navigation = useNavigationType();
  const opening = useRef(true);

  useEffect(() => {
    history.scrollRestoration = "manual";
  }, []);

  useLayoutEffect(() => {
    const stays = typeof state === "object" && state !== null && "stayHere" in state;
    // Read as it moves: once the next page is drawn it is too late to ask.
    let place = stays ? window.scrollY : 0;
    let stop: (() => void) | undefined;
    // Storage answers slowly at first, and of a page just opened it knows nothing.
    const anew = opening.current && isOpenedAnew();
    opening.current = false;
    if (navigation === NavigationType.Pop) {
      place = anew ? 0 : (positions()[key] ?? 0);
      // Where the shop opens it stands at its top; asking would lay it out before its time.
      if (place > 0 || key !== "default") stop = seek(place);
    } else if (!stays) {
      window.scrollTo(0, 0);
    }
    const note = () => {
      place = window.scrollY;
    };
    const keep = () => {
      remember(key, place);
    };
    window.addEventListener("scroll", note, { passive: true });
    window.addEventListener("pagehide", keep);
    return () => {
      stop?.();
      keep();
      window.removeEventListener("scroll", note);
      window.removeEventListener("pagehide", keep);
    };
  }, [key, navigation, state]);
}

function seek(place: number): (() => void) | undefined {
  window.scrollTo(0, place);
  if (place === 0 || Math.abs(window.scrollY - place) < 2) return undefined;
  const growth = new ResizeObserver(() => {
    window.scrollTo(0, place);
    if (Math.abs(window.scrollY - place) < 2) stop();
  });
  const timer = setTimeout(stop, timeoutMilliseconds);
  const hands = ["wheel", "touchstart", "keydown", "pointerdown"];
  function stop() {
    growth.disconnect();
    clearTimeout(timer);
    for (const hand of hands) window.removeEventListener(hand, stop);
  }
  for (const hand of hands) window.addEventListener(hand, stop, { passive: true });
  growth.observe(document.body);
  return stop;
}

/** Whether the address was followed or typed in, not reloaded or come back to. */
function isOpenedAnew(): boolean {
  const [opened] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return opened?.type === "navigate";
}

function positions(): Record<string, number> {
  try {
    return JSON.parse(sessionStorage.getItem(memory) ?? "{}") as Record<string, number>;
  } catch {
    return {};
  }
}

function remember(key: string, place: number): void {
  try {
    const kept = Object.entries(positions()).filter(([other]) => other !== key);
    sessionStorage.setItem(memory, JSON.stringify(Object.fromEntries([...kept.slice(-49), [key, place]])));
  } catch {
    // Storage is blocked: back starts at the top.
  }
}
