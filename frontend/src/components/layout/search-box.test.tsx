import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { productCard } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

function suggest() {
  server.use(
    http.get("*/api/search/suggestions/", () =>
      HttpResponse.json({
        suggestions: [
          { text: "kettle", kind: "query", product_id: null, external_id: null, product: null },
          { text: "Kettles", kind: "category", product_id: null, external_id: null, product: null },
          {
            text: "Copper kettle",
            kind: "product",
            product_id: 7,
            external_id: null,
            product: productCard(),
          },
        ],
      }),
    ),
  );
}

test("the arrow keys choose a suggestion and Enter follows it", async () => {
  suggest();
  const { user, router } = renderShop("/nothing/here");
  const field = await screen.findByRole("combobox", { name: "Search the shop" });

  await user.type(field, "ket");
  await screen.findByRole("option", { name: /Copper kettle/ });
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
  expect(screen.getByRole("option", { name: /Copper kettle/, selected: true })).toBeVisible();
  await user.keyboard("{Enter}");

  await waitFor(() => {
    expect(router.state.location.pathname).toBe("/product/7");
  });
});

test("Escape closes the suggestions, and Enter then searches for the words", async () => {
  suggest();
  const { user, router } = renderShop("/nothing/here");
  const field = await screen.findByRole("combobox", { name: "Search the shop" });

  await user.type(field, "ket");
  await screen.findByRole("option", { name: /Copper kettle/ });
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("option")).not.toBeInTheDocument();
  await user.keyboard("{Enter}");

  await waitFor(() => {
    expect(router.state.location.pathname + router.state.location.search).toBe("/search?q=ket");
  });
});

test("a product among the suggestions has its picture and its price", async () => {
  suggest();
  const { user } = renderShop("/nothing/here");

  await user.type(await screen.findByRole("combobox", { name: "Search the shop" }), "ket");

  const option = await screen.findByRole("option", { name: "Copper kettle $49.90" });
  expect(option.querySelector("img")).toHaveAttribute("src", "/media/products/7.svg");
  expect(screen.getByRole("option", { name: "kettle Search" })).toBeVisible();
});

test("earlier searches stand there before anything is typed, and can be forgotten", async () => {
  localStorage.setItem("recent-searches:visitor", JSON.stringify(["copper kettle", "lamp"]));
  const { user, router } = renderShop("/nothing/here");
  const field = await screen.findByRole("combobox", { name: "Search the shop" });
  await screen.findByText("There is nothing at this address.");

  await user.click(field);
  await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  await waitFor(() => {
    expect(router.state.location.search).toBe("?q=lamp");
  });

  await user.clear(await screen.findByDisplayValue("lamp"));
  await user.keyboard("{ArrowUp}");
  expect(screen.getByRole("option", { name: "Forget what you searched for", selected: true })).toBeVisible();
  await user.keyboard("{Enter}");

  expect(screen.queryByRole("option")).not.toBeInTheDocument();
  expect(localStorage.getItem("recent-searches:visitor")).toBeNull();
});

test("earlier searches that begin like the words come first", async () => {
  localStorage.setItem("recent-searches:visitor", JSON.stringify(["kettle stand", "lamp"]));
  suggest();
  const { user } = renderShop("/nothing/here");

  await user.type(await screen.findByRole("combobox", { name: "Search the shop" }), "ket");

  await screen.findByRole("option", { name: /Copper kettle/ });
  expect(screen.getAllByRole("option")[0]).toHaveTextContent("kettle stand Searched before");
});
