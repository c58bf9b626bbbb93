import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { me } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

test("a wrong password is reported in plain words", async () => {
  server.use(
    http.post("*/api/auth/login/", () =>
      HttpResponse.json({ code: "authentication_failed", detail: "No." }, { status: 401 }),
    ),
  );
  const { user, router } = renderShop("/sign-in");

  await user.type(await screen.findByLabelText("User name or e-mail"), "mara");
  await user.type(screen.getByLabelText("Password"), "guess{Enter}");

  expect(await screen.findByRole("alert")).toHaveTextContent("The name or the password is wrong.");
  expect(router.state.location.pathname).toBe("/sign-in");
});

test("a busy shop is asked again by itself", async () => {
  let asked = 0;
  server.use(
    http.post("*/api/auth/login/", () => {
      asked += 1;
      if (asked < 3) return HttpResponse.json({ code: "busy", detail: "Later." }, { status: 503 });
      return HttpResponse.json(me());
    }),
  );
  const { user, router } = renderShop("/sign-in");

  await user.type(await screen.findByLabelText("User name or e-mail"), "mara");
  await user.type(screen.getByLabelText("Password"), "right{Enter}");

  await waitFor(() => {
    expect(router.state.location.pathname).toBe("/");
  });
  expect(asked).toBe(3);
});

test("signing in leads home, signing out forgets the name", async () => {
  let name: string | null = null;
  server.use(
    http.get("*/api/me/", () =>
      HttpResponse.json(me({ user_id: name === null ? null : 4, username: name, is_authenticated: name !== null })),
    ),
    http.post("*/api/auth/login/", async ({ request }) => {
      name = ((await request.json()) as { username: string }).username;
      return HttpResponse.json(me());
    }),
    http.post("*/api/auth/logout/", () => {
      name = null;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const { user, router } = renderShop("/sign-in");
  await user.type(await screen.findByLabelText("User name or e-mail"), "mara");
  await user.type(screen.getByLabelText("Password"), "right{Enter}");

  await user.click(await screen.findByRole("link", { name: "mara" }));
  await user.click(await screen.findByRole("button", { name: "Sign out" }));

  expect(await screen.findByRole("link", { name: "Sign in" })).toBeVisible();
  expect(router.state.location.pathname).toBe("/");
});
