import { screen, waitFor } from "@testing-library/react";
import { delay, http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { me, productCard, recommendationList } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

test("a new visitor sees what is trending, and it is not called theirs", async () => {
  renderShop("/");

  expect(await screen.findByRole("link", { name: "Trending kettle" })).toBeVisible();
  expect(screen.getByRole("heading", { name: "Trending now" })).toBeVisible();
  expect(screen.queryByRole("heading", { name: "For you" })).not.toBeInTheDocument();
});

test("the trending list is not shown twice; what is popular takes the second place", async () => {
  renderShop("/");

  expect(await screen.findByRole("link", { name: "Popular kettle" })).toBeVisible();
  expect(screen.getAllByRole("heading", { name: "Trending now" })).toHaveLength(1);
});

test("a personal list is called so, and trending stands beneath it", async () => {
  server.use(http.get("*/api/recommendations/me/", () => HttpResponse.json(recommendationList())));
  renderShop("/");

  expect(await screen.findByRole("region", { name: "For you" })).toBeVisible();
  expect(await screen.findByRole("region", { name: "Trending now" })).toBeVisible();
});

test("without recommendations the page still shows products", async () => {
  server.use(
    http.get("*/api/recommendations/me/", () => new HttpResponse(null, { status: 503 })),
    http.get("*/api/trending/", () => new HttpResponse(null, { status: 503 })),
  );
  renderShop("/");

  expect(await screen.findByRole("link", { name: "Copper kettle" })).toBeVisible();
  await waitFor(() => {
    expect(screen.getByRole("alert")).toHaveTextContent("did not load");
  });
});

test("a slow recommendation holds nothing else up", async () => {
  server.use(http.get("*/api/recommendations/me/", () => delay("infinite")));
  renderShop("/");

  expect(await screen.findByRole("link", { name: "Trending kettle" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Copper kettle" })).toBeVisible();
});

test("what was viewed before has a shelf of its own, once there is any", async () => {
  server.use(
    http.get("*/api/recently-viewed/", () =>
      HttpResponse.json({ products: [productCard({ id: 5, name: "Oak stool" })], count: 1 }),
    ),
  );
  renderShop("/");

  expect(await screen.findByRole("region", { name: "Recently viewed" })).toBeVisible();
});

test("signing in as a demo shopper starts with lists of their own", async () => {
  let known = false;
  const shopper = { user_id: 4, username: "mara", name: "Mara", taste: "Runs and reads" };
  server.use(
    http.get("*/api/demo/shoppers/", () => HttpResponse.json({ shoppers: [shopper] })),
    http.get("*/api/me/", () =>
      HttpResponse.json(known ? me({ user_id: 4, username: "mara", first_name: "Mara", is_authenticated: true }) : me()),
    ),
    http.post("*/api/demo/sign-in/", () => {
      known = true;
      server.use(
        http.get("*/api/recommendations/me/", () => HttpResponse.json(recommendationList())),
      );
      return HttpResponse.json(me({ user_id: 4, username: "mara", first_name: "Mara", is_authenticated: true }));
    }),
  );
  const { user } = renderShop("/");

  const offer = await screen.findByRole("button", { name: "Shop as Mara" });
  expect(offer).toHaveAccessibleDescription("Runs and reads");
  await user.click(offer);

  expect(await screen.findByRole("region", { name: "For you" })).toBeVisible();
  expect(await screen.findByRole("link", { name: "Mara" })).toHaveAttribute("href", "/account");
});
