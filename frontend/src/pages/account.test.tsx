import { screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { dataCounts, me, productCard } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

test("liked and hidden products are listed, and a hidden one can be shown again", async () => {
  const restored: string[] = [];
  const stool = productCard({ id: 5, name: "Oak stool" });
  server.use(
    http.get("*/api/likes/", () => HttpResponse.json({ products: [productCard()], count: 1 })),
    http.get("*/api/not-interested/", () =>
      HttpResponse.json({ products: restored.length > 0 ? [] : [stool], count: 1 }),
    ),
    http.delete("*/api/not-interested/:id/", ({ params }) => {
      restored.push(String(params.id));
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const { user } = renderShop("/account");

  const likes = await screen.findByRole("region", { name: "Liked" });
  expect(await within(likes).findByRole("link", { name: "Copper kettle" })).toBeVisible();
  await user.click(await screen.findByRole("button", { name: "Show Oak stool again" }));

  expect(await screen.findByText(/^Nothing is hidden/)).toBeVisible();
  expect(restored).toEqual(["5"]);
});

test("the page counts what the shop knows and switches personal shelves off", async () => {
  const sent: unknown[] = [];
  server.use(
    http.get("*/api/me/counts/", () => HttpResponse.json(dataCounts({ interactions: 3, orders: 1 }))),
    http.get("*/api/me/", () => HttpResponse.json(me({ personalization_enabled: sent.length === 0 }))),
    http.patch("*/api/me/", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(me({ personalization_enabled: false }));
    }),
  );
  const { user } = renderShop("/account");
  const known = await screen.findByText("Things you did");
  expect(known.parentElement).toHaveTextContent("3");

  await user.click(screen.getByRole("switch", { name: "Personal shelves" }));

  await waitFor(() => {
    expect(screen.getByRole("switch", { name: "Personal shelves" })).not.toBeChecked();
  });
  expect(sent).toEqual([{ personalization_enabled: false }]);
});

test("erasing asks first, needs the password, and leads home", async () => {
  const sent: unknown[] = [];
  server.use(
    http.get("*/api/me/", () =>
      HttpResponse.json(me({ user_id: 4, username: "mara", is_authenticated: true })),
    ),
    http.delete("*/api/me/", async ({ request }) => {
      sent.push(await request.json());
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const { user, router } = renderShop("/account");

  await user.click(await screen.findByRole("button", { name: "Erase everything" }));
  expect(sent).toEqual([]);
  await user.type(await screen.findByLabelText("Your password, to confirm that it is you"), "secret");
  await user.click(screen.getByRole("button", { name: "Erase" }));

  await waitFor(() => {
    expect(router.state.location.pathname).toBe("/");
  });
  expect(sent).toEqual([{ password: "secret" }]);
});

test("a user name that is taken is reported in the form", async () => {
  server.use(
    http.post("*/api/auth/register/", () =>
      HttpResponse.json({ code: "conflict", detail: "That user name is taken." }, { status: 409 }),
    ),
  );
  const { user, router } = renderShop("/register");

  await user.type(await screen.findByLabelText("User name"), "mara");
  await user.type(screen.getByLabelText("Email"), "mara@shop.example");
  await user.type(screen.getByLabelText("Password"), "long enough{Enter}");

  expect(await screen.findByRole("alert")).toHaveTextContent("That user name is taken.");
  expect(router.state.location.pathname).toBe("/register");
});
