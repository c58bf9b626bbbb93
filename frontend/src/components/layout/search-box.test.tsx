import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

function suggest() {
  server.use(
    http.get("*/api/search/suggestions/", () =>
      HttpResponse.json({
        suggestions: [
          { text: "Kettles", kind: "category", product_id: null },
          { text: "Copper kettle", kind: "product", product_id: 7 },
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
  await user.keyboard("{ArrowDown}{ArrowDown}");
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
