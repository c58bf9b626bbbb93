import { screen, within } from "@testing-library/react";
import { delay, http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { Rail } from "@/components/recommendations/rail";
import { useTrending } from "@/services/recommendations";
import { productCard, recommendation, recommendationList } from "@/testing/builders";
import { renderPart } from "@/testing/render";
import { server } from "@/testing/server";

function Trending() {
  return <Rail query={useTrending()} title={() => "Trending now"} note={() => "Lately."} />;
}

const answerWith = (list: ReturnType<typeof recommendationList>) => {
  server.use(http.get("*/api/trending/", () => HttpResponse.json(list)));
};

test("a rail that is loading says so and keeps its heading", () => {
  server.use(http.get("*/api/trending/", () => delay("infinite")));
  renderPart(<Trending />);

  expect(screen.getByRole("status")).toHaveTextContent("Loading");
  expect(screen.getByRole("region", { name: "Trending now" })).toBeVisible();
});

test("a rail that failed can be tried again", async () => {
  server.use(http.get("*/api/trending/", () => new HttpResponse(null, { status: 404 })));
  const { user } = renderPart(<Trending />);
  expect(await screen.findByRole("alert")).toHaveTextContent("did not load");

  answerWith(recommendationList());
  await user.click(screen.getByRole("button", { name: "Try again" }));

  expect(await screen.findByRole("link", { name: "Copper kettle" })).toBeVisible();
});

test("an empty rail offers a next step", async () => {
  answerWith(recommendationList({ recommendations: [] }));
  renderPart(<Trending />);

  expect(await screen.findByRole("link", { name: "Browse everything" })).toHaveAttribute(
    "href",
    "/products",
  );
});

test("a card of the model says why it is there and how well it fits", async () => {
  answerWith(recommendationList());
  renderPart(<Trending />);

  const card = await screen.findByRole("article");
  expect(within(card).getByText("Because you viewed Tea tin")).toBeVisible();
  expect(within(card).getByText("87% match")).toBeVisible();
});

test("a card that no model chose shows no match", async () => {
  answerWith(
    recommendationList({
      recommendations: [
        recommendation({
          source: "popular",
          reason: { code: "popular_in_category", text: "", product: null, category: "Kitchen", count: null },
        }),
      ],
    }),
  );
  renderPart(<Trending />);

  expect(await screen.findByText("Popular in Kitchen")).toBeVisible();
  expect(screen.queryByText(/match/)).not.toBeInTheDocument();
});

test("names with signs of markup are shown as they are", async () => {
  answerWith(
    recommendationList({
      recommendations: [
        recommendation({
          product: productCard({ name: "<b>Salt & Pepper</b>" }),
          reason: { code: "liked", text: "", product: { id: 3, name: "A < B & C" }, category: null, count: null },
        }),
      ],
    }),
  );
  renderPart(<Trending />);

  expect(await screen.findByRole("link", { name: "<b>Salt & Pepper</b>" })).toBeVisible();
  expect(screen.getByText("Because you liked A < B & C")).toBeVisible();
});
