import { onlineManager } from "@tanstack/react-query";
import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { lazyPart, type Retry } from "@/components/ui/lazy-part";

const Missing = ({ retry }: Retry) => <button onClick={() => void retry()}>Missing</button>;
const Waiting = () => <p>Waiting</p>;
const shelf = { default: () => <p>Shelf</p> };

afterEach(() => {
  onlineManager.setOnline(true);
  vi.useRealTimers();
});

/** A part whose code cannot be fetched at first: as many times as there are failures. */
function makePart(failures: number) {
  let attempts = 0;
  const Part = lazyPart<object>(
    () => (++attempts > failures ? Promise.resolve(shelf) : Promise.reject(new Error("gone"))),
    Missing,
    Waiting,
  );
  return { Part, attempts: () => attempts };
}

test("a part stands in its place once its code has come", async () => {
  const { Part } = makePart(0);
  render(<Part />);

  expect(screen.getByText("Waiting")).toBeVisible();
  expect(await screen.findByText("Shelf")).toBeVisible();
});

test("a part that could not be fetched is fetched again by a button", async () => {
  const { Part } = makePart(1);
  render(<Part />);

  await userEvent.click(await screen.findByRole("button", { name: "Missing" }));

  expect(await screen.findByText("Shelf")).toBeVisible();
});

test("a part that could not be fetched comes by itself when the network is back", async () => {
  const { Part } = makePart(2);
  onlineManager.setOnline(false);
  render(<Part />);
  await screen.findByRole("button", { name: "Missing" });

  // Each answer of the network counts, however late the part listens.
  await waitFor(() => {
    act(() => {
      onlineManager.setOnline(true);
    });
    act(() => {
      onlineManager.setOnline(false);
    });
    expect(screen.getByText("Shelf")).toBeVisible();
  });
});

test("a part whose code never arrives is missing after fifteen seconds", async () => {
  vi.useFakeTimers();
  const Part = lazyPart<object>(() => new Promise<typeof shelf>(() => undefined), Missing, Waiting);
  render(<Part />);

  await act(() => vi.advanceTimersByTimeAsync(14_999));
  expect(screen.getByText("Waiting")).toBeVisible();
  await act(() => vi.advanceTimersByTimeAsync(1));

  expect(screen.getByRole("button", { name: "Missing" })).toBeVisible();
});

test("a part that failed before it was shown does not make the shopper wait again", async () => {
  const { Part, attempts } = makePart(2);

  expect(await Part.load()).toBeUndefined();
  render(<Part />);

  expect(screen.getByRole("button", { name: "Missing" })).toBeVisible();
  await vi.waitFor(() => {
    expect(attempts()).toBe(2);
  });
});
