import "@testing-library/jest-dom/vitest";
import "@/i18n";

import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

import { impressionOutbox, interactionOutbox } from "@/services/events";
import { setHasVisitorId } from "@/services/visitor-id";
import { FakeSocket } from "@/testing/fake-socket";
import { server } from "@/testing/server";

// A busy machine needs longer than the default second to render a page.
configure({ asyncUtilTimeout: 8000 });

// jsdom has no layout: it cannot scroll, match media or observe sizes and intersections.
window.ResizeObserver = class {
  observe() {
    return undefined;
  }
  unobserve() {
    return undefined;
  }
  disconnect() {
    return undefined;
  }
};
window.IntersectionObserver = class {
  readonly root = null;
  readonly rootMargin = "";
  readonly scrollMargin = "";
  readonly thresholds = [];
  observe() {
    return undefined;
  }
  unobserve() {
    return undefined;
  }
  disconnect() {
    return undefined;
  }
  takeRecords() {
    return [];
  }
};
window.scrollTo = () => undefined;
window.matchMedia = (media) =>
  Object.assign(new EventTarget(), {
    matches: false,
    media,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  });

beforeAll(() => {
  server.listen({ onUnhandledRequest: "error" });
  // The server has replaced it by a socket of its own, which connects.
  Object.defineProperty(globalThis, "WebSocket", { value: FakeSocket, configurable: true, writable: true });
});
// Unless a test says otherwise, the browser was in the shop before.
beforeEach(() => {
  setHasVisitorId(true);
});
afterEach(() => {
  cleanup();
  interactionOutbox.clear();
  impressionOutbox.clear();
  FakeSocket.opened = [];
  server.resetHandlers();
  localStorage.clear();
  sessionStorage.clear();
  document.cookie = "csrftoken=; max-age=0";
});
afterAll(() => {
  server.close();
});
