import { type RefObject, useLayoutEffect, useRef } from "react";
import { useLocation } from "react-router";

/**
 * Move the focus to the main part of the page when another page opens.
 *
 * The browser does so when it loads a page. Here the link that was followed is gone or stands
 * outside of the new page, and the keyboard would start over at the top.
 */
export function usePageFocus(main: RefObject<HTMLElement | null>): void {
  const { pathname } = useLocation();
  const previous = useRef(pathname);

  // Before the next frame, in which the focus of a removed element would go elsewhere.
  useLayoutEffect(() => {
    if (previous.current === pathname) return;
    previous.current = pathname;
    // Where the page is scrolled to is for the router to say.
    main.current?.focus({ preventScroll: true });
  }, [main, pathname]);
}
