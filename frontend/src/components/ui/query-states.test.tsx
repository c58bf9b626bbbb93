import { onlineManager } from "@tanstack/react-query";
import { screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { afterEach, expect, test, vi } from "vitest";

import { QueryStates } from "@/components/ui/query-states";
import { useOrders } from "@/services/orders";
import { holdAnswer } from "@/testing/held-answer";
import { renderComponent } from "@/testing/render";
import { server } from "@/testing/server";

const Orders = () => (
  <QueryStates query={useOrders()} loading={<p>Skeleton</p>}>
    {({ orders }) => <p>{orders.length} orders</p>}
  </QueryStates>
);

afterEach(() => {
  vi.useRealTimers();
  onlineManager.setOnline(true);
});

/** Also moves the timers of the test, by as much as it waits. */
const eventually = (check: () => void) => vi.waitFor(check, 8000);

/** Answer requests for orders in turn, and count them. */
function answerInTurn(...answers: (() => Response | Promise<Response>)[]) {
  const requests = { count: 0 };
  server.use(
    http.get("*/api/orders/", () => {
      requests.count += 1;
      return (answers.shift() ?? HttpResponse.error)();
    }),
  );
  return requests;
}

const down = () => HttpResponse.error();

test("what failed while the shop was down comes by itself, and the notice stays until then", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const { answered, answer } = holdAnswer();
  const requests = answerInTurn(down, down, down, () => answered);
  renderComponent(<Orders />);
  await eventually(() => expect(screen.getByRole("alert")).toHaveTextContent("The shop could not be reached."));
  const notice = screen.getByRole("alert");

  // Waiting has moved the clock a little, too.
  await vi.advanceTimersByTimeAsync(3_000);
  expect(requests.count).toBe(3);
  await vi.advanceTimersByTimeAsync(2_000);
  await eventually(() => {
    expect(requests.count).toBe(4);
  });
  expect(screen.getByRole("alert")).toBe(notice);
  answer(HttpResponse.json({ orders: [] }));

  await eventually(() => expect(screen.getByText("0 orders")).toBeVisible());
});

test("what keeps failing is tried ever more seldom, and not at all without a network", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const requests = answerInTurn();
  renderComponent(<Orders />);
  await eventually(() => {
    expect(requests.count).toBe(3);
  });
  await eventually(() => expect(screen.getByRole("button", { name: "Try again" })).toHaveAttribute("aria-disabled", "false"));
  await vi.advanceTimersByTimeAsync(5_000);
  await eventually(() => {
    expect(requests.count).toBe(6);
  });
  await eventually(() => expect(screen.getByRole("button", { name: "Try again" })).toHaveAttribute("aria-disabled", "false"));

  await vi.advanceTimersByTimeAsync(7_000);
  expect(requests.count).toBe(6);
  onlineManager.setOnline(false);
  await vi.advanceTimersByTimeAsync(60_000);

  expect(requests.count).toBe(6);
});

test("what the shop refuses is not asked for again", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const requests = answerInTurn(() => HttpResponse.json({ detail: "No." }, { status: 403 }));
  renderComponent(<Orders />);
  await eventually(() => expect(screen.getByRole("alert")).toHaveTextContent("No."));

  await vi.advanceTimersByTimeAsync(300_000);

  expect(requests.count).toBe(1);
});
