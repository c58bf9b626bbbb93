import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { nonPersonalList, me, namedList, productCard } from "@/testing/builders";
import { serveLists } from "@/testing/serve-lists";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

test("a new visitor sees what is trending, not called \"For you\"", async () => {
  renderShop("/");

  expect(await screen.findByRole("link", { name: "Trending kettle" })).toBeVisible();
  expect(screen.getByRole("heading", { name: "Trending now" })).toBeVisible();
  expect(screen.queryByRole("heading", { name: "For you" })).not.toBeInTheDocument();
});

test("a personal list is called \"For you\", with what is trending below", async () => {
  serveLists(
    namedList("for-you"),
    nonPersonalList("trending", "trending", productCard({ id: 11, name: "Trending kettle" })),
  );
  renderShop("/");

  expect(await screen.findByRole("region", { name: "For you" })).toBeVisible();
  expect(await screen.findByRole("region", { name: "Trending now" })).toBeVisible();
});

test("all lists of the page come in one request", async () => {
  const asked: string[] = [];
  server.events.on("request:start", ({ request }) => asked.push(new URL(request.url).pathname));
  renderShop("/");

  await screen.findByRole("link", { name: "Trending kettle" });
  server.events.removeAllListeners();

  expect(asked.filter((path) => /page|recommend|trending|popular|products/.test(path))).toEqual([
    "/api/page/",
  ]);
});

test("without recommendations the page still shows products", async () => {
  server.use(http.get("*/api/page/", () => new HttpResponse(null, { status: 503 })));
  renderShop("/");

  const shelf = await screen.findByRole("region", { name: "New in the shop" });
  expect(await within(shelf).findByRole("link", { name: "Copper kettle" })).toBeVisible();
});

test("signing in as a demo shopper shows their own lists", async () => {
  let known = false;
  const shopper = { user_id: 4, username: "mara", name: "Mara", taste: "Runs and reads" };
  server.use(
    http.get("*/api/demo/shoppers/", () => HttpResponse.json({ shoppers: [shopper] })),
    http.get("*/api/me/", () =>
      HttpResponse.json(known ? me({ user_id: 4, username: "mara", first_name: "Mara", is_authenticated: true }) : me()),
    ),
    http.post("*/api/demo/sign-in/", () => {
      known = true;
      serveLists(namedList("for-you"));
      return HttpResponse.json(me({ user_id: 4, username: "mara", first_name: "Mara", is_authenticated: true }));
    }),
  );
  const { user } = renderShop("/");

  const offer = await screen.findByRole("button", { name: /^Shop as Mara.*Runs and reads/ });
  await user.click(offer);

  expect(await screen.findByRole("region", { name: "For you" })).toBeVisible();
  expect(await screen.findByRole("link", { name: "Mara" })).toHaveAttribute("href", "/account");
});

test("with personal shelves off, no text says that shelves follow the visitor", async () => {
  server.use(http.get("*/api/me/", () => HttpResponse.json(me({ personalization_enabled: false }))));
  renderShop("/");

  expect(await screen.findByRole("heading", { name: /Take your time/ })).toBeVisible();
  expect(screen.getByText(/^The shelves are the same for everyone/)).toBeVisible();
});

test("the header leads visitors to their own account", async () => {
  renderShop("/");

  expect(await screen.findByRole("link", { name: "Your account" })).toHaveAttribute("href", "/account");
});
