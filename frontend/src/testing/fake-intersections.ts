import { vi } from "vitest";

/** jsdom has no layout, so a test says itself how much of an element is in view. */
export function fakeIntersections() {
  const observers = new Set<FakeIntersectionObserver>();

  class FakeIntersectionObserver implements IntersectionObserver {
    readonly root = null;
    readonly rootMargin = "";
    readonly scrollMargin = "";
    readonly thresholds: number[];
    readonly #callback: IntersectionObserverCallback;
    readonly #targets = new Set<Element>();

    constructor(callback: IntersectionObserverCallback, options: IntersectionObserverInit = {}) {
      this.#callback = callback;
      this.thresholds = [options.threshold ?? 0].flat();
      observers.add(this);
    }
    observe(target: Element) {
      this.#targets.add(target);
    }
    unobserve(target: Element) {
      this.#targets.delete(target);
    }
    disconnect() {
      this.#targets.clear();
    }
    takeRecords() {
      return [];
    }
    report(target: Element, intersectionRatio: number) {
      if (!this.#targets.has(target)) return;
      const isIntersecting = intersectionRatio >= Math.min(...this.thresholds);
      const entry = { target, intersectionRatio, isIntersecting } as IntersectionObserverEntry;
      this.#callback([entry], this);
    }
  }

  vi.stubGlobal("IntersectionObserver", FakeIntersectionObserver);
  return {
    /** Bring a share of an element, from 0 to 1, into view. */
    show: (target: Element, share: number) => {
      for (const observer of observers) observer.report(target, share);
    },
  };
}
