import { screen, waitFor, within } from "@testing-library/react";
import { delay, http, HttpResponse } from "msw";
import { expect, test, vi } from "vitest";

import { interactionOutbox, recordInteraction } from "@/services/events";
import { useHomeLists } from "@/services/recommendations";
import { nonPersonalList, namedList, page, productCard, recommendation } from "@/testing/builders";
import { serveLists } from "@/testing/serve-lists";
import { holdAnswer } from "@/testing/held-answer";
import { renderComponent, renderShop } from "@/testing/render";
import { acceptAll, server } from "@/testing/server";

interface Batch {
  interactions: { product_id: number; interaction_type: string; event_id: string }[];
}

/** Capture every batch; the first ones get these error statuses, the others are accepted. */
function captureBatches(errorStatuses: number[] = []): Batch["interactions"][] {
  const batches: Batch["interactions"][] = [];
  server.use(
    http.post("*/api/interactions/", async ({ request }) => {
      batches.push(((await request.clone().json()) as Batch).interactions);
      const status = errorStatuses[batches.length - 1];
      if (status !== undefined) return HttpResponse.json({}, { status });
      return HttpResponse.json(await acceptAll(request));
    }),
  );
  return batches;
}

const stored = () => Object.keys(localStorage).filter((key) => key.startsWith("events:"));

test("interactions of a moment go in one batch, each under an id of its own", async () => {
  const batches = captureBatches();

  recordInteraction(7, "view");
  recordInteraction(8, "view", { list_id: "a", position: 2 });
  await interactionOutbox.flush();

  expect(batches).toHaveLength(1);
  expect(batches[0]).toMatchObject([
    { user_id: "me", product_id: 7, interaction_type: "view" },
    { user_id: "me", product_id: 8, list_id: "a", position: 2 },
  ]);
  expect(new Set(batches[0]?.map(({ event_id }) => event_id)).size).toBe(2);
});

test("an interaction that met a server error waits in storage and is sent again under the same id", async () => {
  const batches = captureBatches([503]);

  recordInteraction(7, "view");
  await interactionOutbox.flush();
  expect(stored()).toHaveLength(1);
  await interactionOutbox.flush();

  expect(batches).toHaveLength(2);
  expect(batches[1]?.[0]?.event_id).toBe(batches[0]?.[0]?.event_id);
  expect(stored()).toHaveLength(0);
});

test.each([
  ["that waited for longer than the server accepts", 10 * 60_000],
  ["that was kept while the clock was set back", -10 * 60_000],
])("an interaction %s is sent without its age", async (_, milliseconds) => {
  const batches = captureBatches([503]);
  recordInteraction(7, "view");
  await interactionOutbox.flush();

  vi.setSystemTime(Date.now() + milliseconds);
  await interactionOutbox.flush();
  vi.useRealTimers();

  expect(batches.map(([event]) => event && "age_seconds" in event)).toEqual([true, false]);
  expect(batches[1]?.[0]?.event_id).toBe(batches[0]?.[0]?.event_id);
});

test("a clock that is wrong by hours is not sent: an interaction has its age", async () => {
  const batches = captureBatches();
  vi.setSystemTime(Date.now() - 5 * 60 * 60_000);

  recordInteraction(7, "like");
  vi.setSystemTime(Date.now() + 3000);
  await interactionOutbox.flush();
  vi.useRealTimers();

  const [event] = batches[0] ?? [];
  expect(event).toMatchObject({ product_id: 7, interaction_type: "like" });
  expect(event).not.toHaveProperty("timestamp");
  expect((event as { age_seconds?: number }).age_seconds).toBeCloseTo(3, 0);
});

test("a batch that the server rejects is not sent again", async () => {
  const batches = captureBatches([422]);

  recordInteraction(7, "view");
  await interactionOutbox.flush();
  await interactionOutbox.flush();

  expect(batches).toHaveLength(1);
  expect(stored()).toHaveLength(0);
});

test("of a batch accepted in part, only what failed is sent again", async () => {
  const batches: number[][] = [];
  server.use(
    http.post("*/api/interactions/", async ({ request }) => {
      const { interactions } = (await request.json()) as Batch;
      batches.push(interactions.map(({ product_id }) => product_id));
      const first = batches.length === 1;
      return HttpResponse.json({
        results: interactions.map((_, index) => ({
          index,
          status: first && index === 1 ? 503 : 201,
        })),
      });
    }),
  );

  recordInteraction(7, "view");
  recordInteraction(8, "view");
  await interactionOutbox.flush();
  await interactionOutbox.flush();

  expect(batches).toEqual([[7, 8], [8]]);
});

test("more than a hundred interactions go in several batches", async () => {
  const batches = captureBatches();

  for (let product = 1; product <= 120; product += 1) recordInteraction(product, "view");
  await interactionOutbox.flush();
  await interactionOutbox.flush();

  expect(batches.map((batch) => batch.length)).toEqual([100, 20]);
});

test("a tab that is being closed sends what it has at once", async () => {
  const batches = captureBatches();
  renderComponent(<p>Shop</p>);

  recordInteraction(7, "view");
  Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
  Object.defineProperty(document, "visibilityState", { value: "visible", configurable: true });

  await waitFor(() => {
    expect(batches.flat()).toHaveLength(1);
  });
});

test("a write carries the CSRF token of the page's cookie", async () => {
  document.cookie = "csrftoken=from-the-page";
  const tokens: (string | null)[] = [];
  server.use(
    http.post("*/api/interactions/", async ({ request }) => {
      tokens.push(request.headers.get("X-CSRFToken"));
      return HttpResponse.json(await acceptAll(request));
    }),
  );

  recordInteraction(7, "view");
  await interactionOutbox.flush();

  expect(tokens).toEqual(["from-the-page"]);
});

function List() {
  return <p>{useHomeLists().query.data?.[0]?.recommendations[0]?.product_name}</p>;
}

test("a list on screen does not change", async () => {
  let asked = 0;
  server.use(
    http.get("*/api/page/", () => {
      asked += 1;
      return HttpResponse.json(page(namedList("for-you")));
    }),
  );
  renderComponent(<List />);
  await screen.findByText("Copper kettle");

  recordInteraction(7, "view");
  await interactionOutbox.flush();

  expect(asked).toBe(1);
});

test("lists of a new page are fetched after the pending interactions were sent", async () => {
  const order: string[] = [];
  server.use(
    http.get("*/api/page/", () => {
      order.push("lists");
      return HttpResponse.json(page(namedList("for-you")));
    }),
    http.post("*/api/interactions/", async ({ request }) => {
      await delay(50);
      order.push("view");
      return HttpResponse.json(await acceptAll(request));
    }),
  );

  recordInteraction(7, "view");
  renderComponent(<List />);
  await screen.findByText("Copper kettle");

  expect(order).toEqual(["view", "lists"]);
});

test("lists do not wait long for interactions that the server does not accept", async () => {
  serveLists(namedList("for-you"));
  const { answered, answer } = holdAnswer();
  server.use(
    http.post("*/api/interactions/", () => answered),
  );

  recordInteraction(7, "view");
  renderComponent(<List />);

  expect(await screen.findByText("Copper kettle")).toBeVisible();
  answer(HttpResponse.json({ results: [{ index: 0, status: 201 }] }));
});

test("the home page shows another list after a product was viewed, without a reload", async () => {
  const kettle = productCard({ id: 7, name: "Copper kettle" });
  const strainer = productCard({ id: 21, name: "Tea strainer" });
  serveLists(nonPersonalList("for-you", "trending", kettle));
  server.use(
    http.post("*/api/interactions/", async ({ request }) => {
      serveLists(namedList("for-you", { recommendations: [recommendation({ product: strainer })] }));
      return HttpResponse.json(await acceptAll(request));
    }),
  );
  const { user } = renderShop("/");
  const shelf = await screen.findByRole("region", { name: "Trending now" });
  await user.click(await within(shelf).findByRole("link", { name: "Copper kettle" }));
  await screen.findByRole("heading", { name: "Copper kettle", level: 1 });
  await user.click(screen.getByRole("link", { name: "Magpie, home" }));

  expect(await screen.findByRole("heading", { name: "For you" })).toBeVisible();
  expect(await screen.findByRole("link", { name: "Tea strainer" })).toBeVisible();
});
