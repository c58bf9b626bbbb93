import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { category, me, productCard, searchResult } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { acceptAll, server } from "@/testing/server";

function answerSearch(...differences: Parameters<typeof searchResult>): URLSearchParams[] {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get("*/api/search/", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json(searchResult(...differences));
    }),
  );
  return asked;
}

test("words of the search are marked in the names, whatever their accents", async () => {
  answerSearch([productCard({ name: "Mühle & Kettle-Stand <b>" })], { terms: ["muhle", "kettle"] });
  renderShop("/search?q=m%C3%BChle+kettle");

  const name = await screen.findByRole("link", { name: "Mühle & Kettle-Stand <b>" });

  expect([...name.querySelectorAll("mark")].map((mark) => mark.textContent)).toEqual(["Mühle", "Kettle"]);
});

test("the address decides the order, the page and the filters of a search", async () => {
  const asked = answerSearch([productCard()], { count: 60 });
  const { user, router } = renderShop("/search?q=kettle&brand=Halm&page=2");
  expect(await screen.findByText("Page 2 of 3")).toBeVisible();
  expect(Object.fromEntries(asked[0] ?? [])).toEqual({
    q: "kettle",
    brand: "Halm",
    page: "2",
    count: "24",
    user_id: "me",
  });

  await user.selectOptions(screen.getByLabelText("Sort by"), "Price, low to high");
  expect(router.state.location.search).toBe("?q=kettle&brand=Halm&sort=price");
  await user.click(screen.getByRole("button", { name: "Remove the filter Halm" }));

  expect(router.state.location.search).toBe("?q=kettle&sort=price");
  expect(screen.getByRole("heading", { level: 1, name: "60 results for “kettle”" })).toBeVisible();
});

test("a corrected search says so, and leads to the words as they were typed", async () => {
  const asked = answerSearch([productCard()], { correction: { original: "kettel", searched: "kettle" } });
  const { user, router } = renderShop("/search?q=kettel");
  expect(await screen.findByText(/Results for “kettle”\./)).toBeVisible();
  expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("1 result for “kettle”");

  await user.click(screen.getByRole("link", { name: "Search for “kettel” instead." }));

  expect(router.state.location.search).toBe("?q=kettel&as_typed=true");
  await waitFor(() => {
    expect(asked.at(-1)?.get("as_typed")).toBe("true");
  });
});

test("a search without a result leads to like words, near categories and other products", async () => {
  answerSearch([]);
  server.use(
    http.get("*/api/categories/", () =>
      HttpResponse.json({ categories: [category("Kitchen"), category("Kitchen > Kettles"), category("Garden")] }),
    ),
  );
  renderShop("/search?q=kettel&as_typed=true");

  expect(await screen.findByText("Nothing matches “kettel”.")).toBeVisible();
  const near = within(await screen.findByRole("navigation", { name: "Look through a category" }));
  expect(near.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual([
    "/category/Kitchen/Kettles",
  ]);
  expect(screen.getByRole("link", { name: "Search for words like “kettel”." })).toHaveAttribute(
    "href",
    "/search?q=kettel",
  );
  expect(await screen.findByRole("link", { name: "Trending kettle" })).toBeVisible();
});

test("searches are remembered in the browser, unless shelves are to stay impersonal", async () => {
  answerSearch([productCard()]);
  renderShop("/search?q=kettle");
  await screen.findByRole("heading", { level: 1, name: /result/ });
  await waitFor(() => {
    expect(localStorage.getItem("recent-searches:visitor")).toBe('["kettle"]');
  });
});

test("the lists beside a search without a result are asked for with its words", async () => {
  answerSearch([]);
  const asked: Record<string, string>[] = [];
  server.use(
    http.get("*/api/page/", ({ request }) => {
      asked.push(Object.fromEntries(new URL(request.url).searchParams));
      return HttpResponse.json({ placement: "search", lists: [] });
    }),
  );
  renderShop("/search?q=kettel");

  await waitFor(() => {
    expect(asked).toEqual([{ placement: "search", q: "kettel", count: "12" }]);
  });
});

test("nothing is remembered of who does not want it", async () => {
  answerSearch([productCard()]);
  server.use(http.get("*/api/me/", () => HttpResponse.json(me({ personalization_enabled: false }))));
  renderShop("/account");
  await screen.findByRole("switch");
  renderShop("/search?q=lamp");
  await screen.findAllByRole("heading", { level: 1, name: /result/ });

  expect(Object.keys(localStorage).filter((key) => key.startsWith("recent-searches"))).toEqual([]);
});

test("a search that staff lead elsewhere opens that page", async () => {
  answerSearch([], { redirect: "/category/Kitchen" });
  renderShop("/search?q=kitchenware");

  expect(await screen.findByRole("heading", { name: "Kitchen", level: 1 })).toBeVisible();
});

test("a click in the results carries the id of the search and the place in it", async () => {
  const sent: unknown[] = [];
  answerSearch([productCard({ name: "Desk lamp" })], { count: 60, list_id: "search-7" });
  server.use(
    http.post("*/api/interactions/", async ({ request }) => {
      sent.push(...((await request.clone().json()) as { interactions: unknown[] }).interactions);
      return HttpResponse.json(await acceptAll(request));
    }),
  );
  const { user } = renderShop("/search?q=lamp&page=2");

  await user.click(await screen.findByRole("link", { name: "Desk lamp" }));

  await waitFor(() => {
    expect(sent).toMatchObject([{ interaction_type: "view", list_id: "search-7", position: 24 }]);
  });
});
