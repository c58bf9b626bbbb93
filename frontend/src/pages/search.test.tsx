import { screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

test("a search that staff lead elsewhere opens that page", async () => {
  server.use(
    http.get("*/api/search/", () =>
      HttpResponse.json({ products: [], count: 0, redirect: "/category/Kitchen" }),
    ),
  );
  renderShop("/search?q=kitchenware");

  expect(await screen.findByRole("heading", { name: "Kitchen", level: 1 })).toBeVisible();
});
