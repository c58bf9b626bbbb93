import { screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { me } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

test("with personal shelves off, the page does not say that the shop remembers views", async () => {
  const visitor = { user_id: null, username: null, is_authenticated: false, personalization_enabled: false };
  server.use(http.get("*/api/me/", () => HttpResponse.json(me(visitor))));

  renderShop("/register");

  expect(await screen.findByText("An account keeps your likes and orders wherever you go.")).toBeVisible();
  expect(screen.queryByText(/remembers/)).toBeNull();
});
