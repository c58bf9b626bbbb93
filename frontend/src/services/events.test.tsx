import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { newEvent, useRecordInteraction } from "@/services/events";
import { useForYou } from "@/services/recommendations";
import { generalList, productCard, recommendation, recommendationList } from "@/testing/builders";
import { renderPart, renderShop } from "@/testing/render";
import { server } from "@/testing/server";

interface SentEvent {
  user_id: string;
  product_id: number;
  interaction_type: string;
  event_id: string;
}

function Viewer() {
  const record = useRecordInteraction();
  return (
    <button
      type="button"
      onClick={() => {
        record.mutate(newEvent(7, "view"));
      }}
    >
      {record.status}
    </button>
  );
}

function listen(answers: number[]): SentEvent[] {
  const sent: SentEvent[] = [];
  server.use(
    http.post<never, SentEvent>("*/api/interaction/", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({}, { status: answers[sent.length - 1] ?? 201 });
    }),
  );
  return sent;
}

test("an event that met a stumbling server is sent again under the same id", async () => {
  const sent = listen([503, 502, 201]);
  const { user } = renderPart(<Viewer />);

  await user.click(screen.getByRole("button"));

  expect(await screen.findByText("success")).toBeVisible();
  expect(sent).toHaveLength(3);
  expect(new Set(sent.map((event) => event.event_id)).size).toBe(1);
  expect(sent[0]).toMatchObject({ user_id: "me", product_id: 7, interaction_type: "view" });
});

test("an event that was refused is not sent again", async () => {
  const sent = listen([422]);
  const { user } = renderPart(<Viewer />);

  await user.click(screen.getByRole("button"));

  expect(await screen.findByText("error")).toBeVisible();
  expect(sent).toHaveLength(1);
});

test("two events have two ids", () => {
  expect(newEvent(7, "view").eventId).not.toBe(newEvent(7, "view").eventId);
});

test("a write carries the token of the page's cookie", async () => {
  document.cookie = "csrftoken=from-the-page";
  const tokens: (string | null)[] = [];
  server.use(
    http.post("*/api/interaction/", ({ request }) => {
      tokens.push(request.headers.get("X-CSRFToken"));
      return HttpResponse.json({}, { status: 201 });
    }),
  );
  const { user } = renderPart(<Viewer />);

  await user.click(screen.getByRole("button"));

  await waitFor(() => {
    expect(tokens).toEqual(["from-the-page"]);
  });
});

function ViewerBesideList() {
  const list = useForYou();
  return (
    <>
      <Viewer />
      <p>{list.data?.recommendations[0]?.product_name}</p>
    </>
  );
}

test("a list on screen stays still under the hand", async () => {
  let asked = 0;
  server.use(
    http.get("*/api/recommendations/me/", () => {
      asked += 1;
      return HttpResponse.json(recommendationList());
    }),
  );
  const { user } = renderPart(<ViewerBesideList />);
  await screen.findByText("Copper kettle");

  await user.click(screen.getByRole("button"));
  await screen.findByText("success");

  expect(asked).toBe(1);
});

test("the home page shows another list after a product was viewed, without a reload", async () => {
  let viewed = false;
  const personal = recommendationList({
    recommendations: [recommendation({ product: productCard({ id: 21, name: "Tea strainer" }) })],
  });
  server.use(
    http.get("*/api/recommendations/me/", () =>
      HttpResponse.json(
        viewed ? personal : generalList("trending", productCard({ id: 7, name: "Copper kettle" })),
      ),
    ),
    http.post("*/api/interaction/", () => {
      viewed = true;
      return HttpResponse.json({}, { status: 201 });
    }),
  );
  const { user } = renderShop("/");
  const shelf = await screen.findByRole("region", { name: "Trending now" });
  await user.click(await within(shelf).findByRole("link", { name: "Copper kettle" }));
  await screen.findByRole("heading", { name: "Copper kettle", level: 1 });
  await waitFor(() => {
    expect(viewed).toBe(true);
  });
  await user.click(screen.getByRole("link", { name: "Magpie, home" }));

  expect(await screen.findByRole("heading", { name: "For you" })).toBeVisible();
  expect(await screen.findByRole("link", { name: "Tea strainer" })).toBeVisible();
});
