import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { FakeSocket } from "@/testing/fake-socket";

import { listenForNews } from "./live-connection";

const hear = vi.fn();
const catchUp = vi.fn();
let stop: () => void;

const getSocket = () => {
  const socket = FakeSocket.opened.at(-1);
  if (socket === undefined) throw new Error("No socket was opened.");
  return socket;
};

function setVisible(visible: boolean) {
  Object.defineProperty(document, "visibilityState", { value: visible ? "visible" : "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  hear.mockReset();
  catchUp.mockReset();
  stop = listenForNews("/ws/shop/", { hear, catchUp });
});
afterEach(() => {
  stop();
  setVisible(true);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("news are heard, heartbeats are not", () => {
  getSocket().open();
  getSocket().say({ type: "beat" });
  getSocket().say({ type: "products", ids: [7] });

  expect(hear.mock.calls).toEqual([[{ type: "products", ids: [7] }]]);
  expect(catchUp).not.toHaveBeenCalled();
});

test("a socket that breaks is opened again, ever later, and the page asks for what it missed", () => {
  getSocket().open();
  getSocket().end();
  vi.advanceTimersByTime(1_000);
  expect(FakeSocket.opened).toHaveLength(2);
  getSocket().end();
  vi.advanceTimersByTime(1_999);
  expect(FakeSocket.opened).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(FakeSocket.opened).toHaveLength(3);
  getSocket().end();
  vi.advanceTimersByTime(4_000);

  getSocket().open();

  expect(FakeSocket.opened).toHaveLength(4);
  expect(catchUp).toHaveBeenCalledOnce();
});

test("what came while a page was hidden or without a socket for a moment is asked for", () => {
  getSocket().open();
  setVisible(false);
  vi.advanceTimersByTime(500);
  setVisible(true);
  getSocket().open();
  expect(catchUp).toHaveBeenCalledTimes(1);

  getSocket().end(4001);
  vi.advanceTimersByTime(1_000);
  getSocket().open();

  expect(FakeSocket.opened).toHaveLength(3);
  expect(catchUp).toHaveBeenCalledTimes(2);
});

test("a socket that is silent is taken as broken", () => {
  getSocket().open();
  vi.advanceTimersByTime(59_000);
  getSocket().say({ type: "beat" });
  vi.advanceTimersByTime(59_000);
  expect(FakeSocket.opened).toHaveLength(1);

  vi.advanceTimersByTime(2_000);

  expect(FakeSocket.opened[0]?.readyState).toBe(FakeSocket.CLOSED);
  expect(FakeSocket.opened).toHaveLength(2);
});

test("a page without a socket asks every minute", () => {
  vi.advanceTimersByTime(180_000);

  expect(catchUp).toHaveBeenCalledTimes(3);
});

test("a hidden page has no socket and asks for nothing, and catches up when it is shown", () => {
  getSocket().open();
  setVisible(false);
  expect(getSocket().readyState).toBe(FakeSocket.CLOSED);
  vi.advanceTimersByTime(300_000);
  expect(FakeSocket.opened).toHaveLength(1);
  expect(catchUp).not.toHaveBeenCalled();

  setVisible(true);
  getSocket().open();

  expect(FakeSocket.opened).toHaveLength(2);
  expect(catchUp).toHaveBeenCalledOnce();
});

test("a page that is one too many asks instead, until it is shown again", () => {
  getSocket().open();
  getSocket().end(4008);
  vi.advanceTimersByTime(119_000);
  expect(FakeSocket.opened).toHaveLength(1);
  expect(catchUp).toHaveBeenCalledOnce();

  setVisible(false);
  setVisible(true);

  expect(FakeSocket.opened).toHaveLength(2);
});
