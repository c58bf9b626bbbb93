import { act, screen, waitFor, within } from "@testing-library/react";
import { delay, http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { PageRails } from "@/components/recommendations/page-rails";
import { useHomeLists } from "@/services/recommendations";
import { nonPersonalList, namedList, page, productCard, recommendation } from "@/testing/builders";
import { serveLists } from "@/testing/serve-lists";
import { holdAnswer } from "@/testing/held-answer";
import { renderComponent } from "@/testing/render";
import { server } from "@/testing/server";

function Lists({ exclude = [] }: { exclude?: number[] }) {
  return <PageRails lists={useHomeLists()} fallback={{ category: "Kitchen" }} exclude={exclude} />;
}

const impersonal = { text: "", product: null, category: null, count: null };

test("lists that are loading say so, and keep their space", () => {
  server.use(http.get("*/api/page/", () => delay("infinite")));
  renderComponent(<Lists />);

  expect(screen.getByRole("status")).toHaveTextContent("Loading");
  expect(screen.getAllByRole("region", { name: "Loading" })).toHaveLength(1);
});

test("lists that fail are replaced by the newest products at once, and say so", async () => {
  server.use(http.get("*/api/page/", () => new HttpResponse(null, { status: 503 })));
  renderComponent(<Lists />);

  const shelf = await screen.findByRole("region", { name: "New in Kitchen" });
  expect(await within(shelf).findByRole("link", { name: "Copper kettle" })).toBeVisible();
  expect(shelf).toHaveTextContent("could not be loaded");
});

test("lists that take over one and a half seconds are replaced until they arrive", async () => {
  const { answered, answer } = holdAnswer();
  server.use(http.get("*/api/page/", () => answered));
  renderComponent(<Lists />);
  expect(screen.queryByRole("link", { name: "Copper kettle" })).not.toBeInTheDocument();

  expect(await screen.findByRole("link", { name: "Copper kettle" })).toBeVisible();
  act(() => {
    answer(HttpResponse.json(page(nonPersonalList("trending", "trending", productCard({ name: "Late kettle" })))));
  });

  expect(await screen.findByRole("link", { name: "Late kettle" })).toBeVisible();
  expect(screen.queryByRole("region", { name: "New in Kitchen" })).not.toBeInTheDocument();
});

test("when the newest products fail too, there is a button to try again", async () => {
  server.use(
    http.get("*/api/page/", () => new HttpResponse(null, { status: 404 })),
    http.get("*/api/products/", () => new HttpResponse(null, { status: 404 })),
  );
  const { user } = renderComponent(<Lists />);
  expect(await screen.findByRole("alert")).toHaveTextContent("did not load");

  serveLists(namedList("for-you"));
  await user.click(screen.getByRole("button", { name: "Try again" }));

  expect(await screen.findByRole("region", { name: "For you" })).toBeVisible();
});

test("each list is named by its source", async () => {
  serveLists(
    nonPersonalList("for-you", "trending", productCard({ id: 1 })),
    namedList("recently-viewed", { recommendations: [recommendation({ product: productCard({ id: 2 }) })] }),
    namedList("buy-again", { recommendations: [recommendation({ product: productCard({ id: 3 }) })] }),
    nonPersonalList("trending", "trending", productCard({ id: 4 })),
    nonPersonalList("new-arrivals", "newest", productCard({ id: 5 })),
  );
  renderComponent(<Lists />);

  await screen.findByRole("region", { name: "New in the shop" });
  expect(screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent)).toEqual([
    "Trending now",
    "Recently viewed",
    "Time for another?",
    "More trending products",
    "New in the shop",
  ]);
});

test.each([
  [
    "bought_before",
    "You have bought nearly everything here. These can be bought again.",
    ["Bought before", "More that you bought before", "Even more that you bought before"],
  ],
  [
    "newest",
    "The latest arrivals.",
    ["New in the shop", "More new products", "Even more new products"],
  ],
] as const)("lists that %s fills have different names, and the first says why", async (source, note, titles) => {
  const lists = (["for-you", "trending", "new-arrivals"] as const).map((name, position) =>
    namedList(name, { source, personalized: false, recommendations: [recommendation({ product: productCard({ id: position }) })] }),
  );
  serveLists(...lists);
  renderComponent(<Lists />);

  await screen.findByRole("region", { name: titles[2] });
  const shelves = screen.getAllByRole("region");
  expect(screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent)).toEqual(titles);
  expect(within(shelves[0] ?? document.body).getByText(note)).toBeVisible();
  expect(screen.getAllByText(note)).toHaveLength(1);
});

test("a product page says of what was bought before that it can be bought again", async () => {
  serveLists(namedList("similar", { source: "bought_before" }));
  renderComponent(<Lists />);

  const shelf = await screen.findByRole("region", { name: "Bought before" });
  expect(shelf).toHaveTextContent("You have bought nearly everything here. These can be bought again.");
});

test("a product page of a shop without interactions does not say that others look at products", async () => {
  serveLists(nonPersonalList("similar", "newest", productCard({ id: 1 })));
  renderComponent(<Lists />);

  expect(await screen.findByRole("region", { name: "New in the shop" })).toBeVisible();
  expect(screen.queryByText("Others look at these")).not.toBeInTheDocument();
});

test("products that are bought together say with what", async () => {
  const pair = recommendation({
    product: productCard({ id: 8, name: "Tea caddy" }),
    reason: { ...impersonal, code: "bought_together", product: { id: 7, external_id: null, name: "Copper kettle" }, count: 6 },
  });
  serveLists(namedList("bought-together", { recommendations: [pair] }));
  renderComponent(<Lists />);

  const shelf = await screen.findByRole("region", { name: "Goes with this" });
  expect(shelf).toHaveTextContent("Often bought with Copper kettle");
});

test("products that the page shows elsewhere are left out, and an empty list is not rendered", async () => {
  serveLists(
    namedList("for-you", {
      recommendations: [
        recommendation({ product: productCard({ id: 1, name: "Tea caddy" }) }),
        recommendation({ product: productCard({ id: 2, name: "Milk jug" }) }),
      ],
    }),
    nonPersonalList("new-arrivals", "newest", productCard({ id: 3 })),
  );
  renderComponent(<Lists exclude={[1, 3]} />);

  expect(await screen.findByRole("link", { name: "Milk jug" })).toBeVisible();
  await waitFor(() => {
    expect(screen.getAllByRole("region")).toHaveLength(1);
  });
  expect(screen.getAllByRole("article")).toHaveLength(1);
});

test("a product from the model says why it is there, and no figure that looks like a probability", async () => {
  serveLists(namedList("for-you"));
  renderComponent(<Lists />);

  const card = await screen.findByRole("article");
  expect(within(card).getByText("Because you viewed Tea tin")).toBeVisible();
  expect(card).not.toHaveTextContent("%");
});

test("a product is not given as a reason for itself", async () => {
  serveLists(
    namedList("recently-viewed", {
      recommendations: [
        recommendation({ reason: { ...impersonal, code: "viewed", product: { id: 7, external_id: null, name: "Copper kettle" } } }),
      ],
    }),
  );
  renderComponent(<Lists />);

  expect(await screen.findByText("You looked at it")).toBeVisible();
});

test("names that contain markup are shown as text", async () => {
  serveLists(
    namedList("for-you", {
      recommendations: [
        recommendation({
          product: productCard({ name: "<b>Salt & Pepper</b>" }),
          reason: { ...impersonal, code: "liked", product: { id: 3, external_id: null, name: "A < B & C" } },
        }),
      ],
    }),
  );
  renderComponent(<Lists />);

  expect(await screen.findByRole("link", { name: "<b>Salt & Pepper</b>" })).toBeVisible();
  expect(screen.getByText("Because you liked A < B & C")).toBeVisible();
});

test("a reason that all products share is said once, by the list", async () => {
  const twice = (reason: object) => [
    recommendation({ product: productCard({ id: 1 }), reason: { ...impersonal, code: "trending", ...reason } }),
    recommendation({ product: productCard({ id: 2 }), reason: { ...impersonal, code: "trending", ...reason } }),
  ];
  serveLists(
    namedList("trending", { source: "trending", personalized: false, recommendations: twice({}) }),
    namedList("bought-together", {
      recommendations: twice({ code: "bought_together", product: { id: 7, external_id: null, name: "Copper kettle" } }),
    }),
  );
  renderComponent(<Lists />);

  const trending = await screen.findByRole("region", { name: "Trending now" });
  expect(trending).toHaveTextContent("What shoppers looked at most in the last few days.");
  expect(trending).not.toHaveTextContent("Trending in the shop");
  const together = await screen.findByRole("region", { name: "Goes with this" });
  expect(within(together).getAllByText("Often bought with Copper kettle")).toHaveLength(1);
});

test("a reason that most products share is said once, and the others say theirs", async () => {
  serveLists(
    namedList("for-you", {
      recommendations: [
        recommendation({ product: productCard({ id: 1 }) }),
        recommendation({ product: productCard({ id: 2 }) }),
        recommendation({ product: productCard({ id: 3 }), reason: { ...impersonal, code: "popular" } }),
      ],
    }),
  );
  renderComponent(<Lists />);

  const rail = await screen.findByRole("region", { name: "For you" });
  expect(within(rail).getAllByText("Because you viewed Tea tin")).toHaveLength(1);
  const articles = within(rail).getAllByRole("article");
  expect(articles.map((article) => within(article).queryByText("Popular in the shop") !== null)).toEqual([false, false, true]);
  expect(articles.map((article) => within(article).queryByText("Because you viewed Tea tin"))).toEqual([null, null, null]);
});

test("reasons that differ stand under their products", async () => {
  serveLists(
    namedList("for-you", {
      recommendations: [
        recommendation({ product: productCard({ id: 1 }) }),
        recommendation({ product: productCard({ id: 2 }), reason: { ...impersonal, code: "popular" } }),
      ],
    }),
  );
  renderComponent(<Lists />);

  const [first, second] = await screen.findAllByRole("article");
  expect(first).toHaveTextContent("Because you viewed Tea tin");
  expect(second).toHaveTextContent("Popular in the shop");
});
