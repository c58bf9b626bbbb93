import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { i18next, changeLanguage } from "@/i18n";
import { validationProblem } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

const link = "/reset-password?uid=NDI&token=c2f-9d1";

/** Answer the choice of a new password, and remember what was sent and in which language. */
function choices(answer: () => Response) {
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/auth/password-reset/confirm/", async ({ request }) => {
      sent.push(await request.json());
      return answer();
    }),
  );
  return sent;
}

test("whoever forgot a password has a link sent, and is not told who has an account", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/auth/password-reset/", async ({ request }) => {
      sent.push(await request.json());
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const { user } = renderShop("/sign-in");

  await user.click(await screen.findByRole("link", { name: "Forgotten your password?" }));
  await user.type(await screen.findByLabelText("Email"), "mara@shop.example{Enter}");

  expect(await screen.findByText(/^If mara@shop\.example has an account here/)).toBeVisible();
  expect(sent).toEqual([{ email: "mara@shop.example" }]);

  await user.click(screen.getByRole("button", { name: "Use another email" }));
  expect(screen.getByLabelText("Email")).toBeVisible();
});

test("the mailed link leads to a new password, and that to signing in", async () => {
  const sent = choices(() => new HttpResponse(null, { status: 204 }));
  const { user, router } = renderShop(link);

  await user.type(await screen.findByLabelText("New password"), "horse-battery{Enter}");

  expect(await screen.findByText("Your new password is set.")).toBeVisible();
  expect(sent).toEqual([{ uid: "NDI", token: "c2f-9d1", password: "horse-battery" }]);
  await user.click(within(screen.getByRole("main")).getByRole("link", { name: "Sign in" }));
  expect(router.state.location.pathname).toBe("/sign-in");
});

test("a link that was used or is too old leads to a new one", async () => {
  choices(() => validationProblem("token", "The link has been used or has expired."));
  const { user, router } = renderShop(link);

  await user.type(await screen.findByLabelText("New password"), "horse-battery{Enter}");

  expect(await screen.findByRole("alert")).toHaveTextContent("This link no longer works.");
  expect(screen.queryByLabelText("New password")).not.toBeInTheDocument();
  await user.click(screen.getByRole("link", { name: "Send a new link" }));
  expect(router.state.location.pathname).toBe("/forgotten-password");
});

test("a link that was cut short is not tried", async () => {
  renderShop("/reset-password?uid=NDI");

  expect(await screen.findByText("This link no longer works.")).toBeVisible();
  expect(screen.queryByLabelText("New password")).not.toBeInTheDocument();
});

test("a password that is too easy can be chosen again by the same link", async () => {
  let tries = 0;
  choices(() => {
    tries += 1;
    return tries === 1
      ? validationProblem("password", "This password is too common.")
      : new HttpResponse(null, { status: 204 });
  });
  const { user } = renderShop(link);

  await user.type(await screen.findByLabelText("New password"), "password{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("too easy to guess");
  await user.clear(screen.getByLabelText("New password"));
  await user.type(screen.getByLabelText("New password"), "horse-battery{Enter}");

  expect(await screen.findByText("Your new password is set.")).toBeVisible();
});

test("in German the refusal is German, and the mail is asked for in German", async () => {
  const languages: (string | null)[] = [];
  server.use(
    http.post("*/api/auth/password-reset/", ({ request }) => {
      languages.push(request.headers.get("Accept-Language"));
      return new HttpResponse(null, { status: 204 });
    }),
  );
  choices(() => validationProblem("password", "This password is too common."));
  await changeLanguage("de");
  const { user } = renderShop(link);

  await user.type(await screen.findByLabelText("Neues Passwort"), "passwort{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("zu leicht zu erraten");
  await user.click(screen.getByRole("link", { name: "Anmelden" }));
  await user.click(await screen.findByRole("link", { name: "Passwort vergessen?" }));
  await user.type(await screen.findByLabelText("E-Mail"), "mara@shop.example{Enter}");
  expect(await screen.findByText("Sehen Sie in Ihr Postfach.")).toBeVisible();
  await i18next.changeLanguage("en");

  expect(languages).toEqual(["de"]);
});
