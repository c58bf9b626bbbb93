import { use, useLayoutEffect, useState } from "react";
import { UNSAFE_DataRouterStateContext as RouterStateContext, useLocation } from "react-router";

const timeoutMilliseconds = 3000;

/**
 * Complete what `<ScrollRestoration>` begins: it scrolls once, at the first render of a page.
 *
 * A page that grows while its data arrives may be too short then, so the restored position is tried
 * again until it is reached or the shopper scrolls. A shopper who scrolled the page that the server
 * rendered keeps the position when the scripts take over.
 */
export function useScrollRetry(): void {
  const position = use(RouterStateContext)?.restoreScrollPosition;
  const { key } = useLocation();
  const [firstPosition] = useState(() => window.scrollY);

  useLayoutEffect(() => {
    window.scrollTo(0, firstPosition);
  }, [firstPosition]);

  useLayoutEffect(() => {
    if (typeof position !== "number") return undefined;
    return seek(position);
  }, [key, position]);
}

/** Scroll to a position as soon as the page is long enough; returns a function that stops trying. */
function seek(position: number): (() => void) | undefined {
  window.scrollTo(0, position);
  if (isAt(position)) return undefined;
  const growth = new ResizeObserver(() => {
    window.scrollTo(0, position);
    if (isAt(position)) stop();
  });
  const timer = setTimeout(stop, timeoutMilliseconds);
  const userActions = ["wheel", "touchstart", "keydown", "pointerdown"];
  function stop() {
    growth.disconnect();
    clearTimeout(timer);
    for (const action of userActions) window.removeEventListener(action, stop);
  }
  for (const action of userActions) window.addEventListener(action, stop, { passive: true });
  growth.observe(document.body);
  return stop;
}

/** The browser rounds positions. */
const isAt = (position: number) => Math.abs(window.scrollY - position) < 2;
