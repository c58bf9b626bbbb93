import { beforeEach, expect, test, vi } from "vitest";

type Send = typeof import("@/services/visitor-id").sendWithVisitorId;

let sendWithVisitorId: Send;

beforeEach(async () => {
  // The module remembers the first request of a page.
  vi.resetModules();
  ({ sendWithVisitorId } = await import("@/services/visitor-id"));
});

test("further requests wait until the first one is answered", async () => {
  const sent: string[] = [];
  let answer: () => void = () => undefined;
  const lists = sendWithVisitorId(() => {
    sent.push("lists");
    return new Promise<void>((resolve) => (answer = resolve));
  });
  const view = sendWithVisitorId(() => {
    sent.push("view");
    return Promise.resolve("recorded");
  });
  await Promise.resolve();
  const sentBefore = [...sent];

  answer();

  expect(sentBefore).toEqual(["lists"]);
  await expect(lists).resolves.toBeUndefined();
  await expect(view).resolves.toBe("recorded");
  expect(sent).toEqual(["lists", "view"]);
});

test("when the first request fails, the next one is sent and others wait for it", async () => {
  await expect(sendWithVisitorId(() => Promise.reject(new Error("offline")))).rejects.toThrow("offline");
  const sent: string[] = [];

  void sendWithVisitorId(() => {
    sent.push("second");
    return new Promise(() => undefined);
  });
  void sendWithVisitorId(() => {
    sent.push("third");
    return Promise.resolve();
  });
  await Promise.resolve();

  expect(sent).toEqual(["second"]);
});

test("a first request that is never answered holds others up for ten seconds only", async () => {
  vi.useFakeTimers();
  void sendWithVisitorId(() => new Promise(() => undefined));
  const view = sendWithVisitorId(() => Promise.resolve("recorded"));

  await vi.advanceTimersByTimeAsync(10_000);

  await expect(view).resolves.toBe("recorded");
  vi.useRealTimers();
});
