import { render, screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { useImpressions } from "@/hooks/use-impressions";
import { impressionOutbox } from "@/services/events";
import { fakeIntersections } from "@/testing/fake-intersections";
import { server } from "@/testing/server";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function List() {
  return (
    <ul ref={useImpressions("list-1", [7, 8])}>
      <li>Copper kettle</li>
      <li>Tea tin</li>
    </ul>
  );
}

/** Render a list of two products; `sent` has the impressions that the server received. */
function renderList() {
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/impressions/", async ({ request }) => {
      sent.push(await request.json());
      return new HttpResponse(null, { status: 202 });
    }),
  );
  const { show } = fakeIntersections();
  render(<List />);
  const [kettle, tin] = screen.getAllByRole("listitem") as [HTMLElement, HTMLElement];
  const flush = async () => {
    vi.useRealTimers();
    await impressionOutbox.flush();
  };
  return { sent, show, kettle, tin, flush };
}

test("a product counts as seen once half of it was in view for one second", async () => {
  const { sent, show, kettle, flush } = renderList();

  show(kettle, 0.5);
  vi.advanceTimersByTime(999);
  expect(impressionOutbox.hasPending).toBe(false);
  vi.advanceTimersByTime(1);
  await flush();

  expect(sent).toEqual([{ list_id: "list-1", product_ids: [7] }]);
});

test("a product that leaves the view within a second is not counted", async () => {
  const { sent, show, kettle, tin, flush } = renderList();

  show(kettle, 1);
  show(tin, 1);
  vi.advanceTimersByTime(999);
  show(kettle, 0);
  vi.advanceTimersByTime(1000);
  await flush();

  expect(sent).toEqual([{ list_id: "list-1", product_ids: [8] }]);
});

test("a product of which less than half is in view is not counted", async () => {
  const { sent, show, kettle, flush } = renderList();

  show(kettle, 0.4);
  vi.advanceTimersByTime(5000);
  await flush();

  expect(sent).toEqual([]);
});

test("a product counts once, however often it comes into view", async () => {
  const { sent, show, kettle, flush } = renderList();

  for (let times = 0; times < 2; times += 1) {
    show(kettle, 1);
    vi.advanceTimersByTime(1000);
    show(kettle, 0);
  }
  await flush();

  expect(sent).toEqual([{ list_id: "list-1", product_ids: [7] }]);
});
