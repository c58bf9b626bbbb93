import { screen, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { changeLanguage } from "@/i18n";
import { validationProblem } from "@/testing/builders";
import { renderShop } from "@/testing/render";
import { server } from "@/testing/server";

const link = "/reset-password?uid=NDI&token=c2f-9d1";

/** Let the server respond so to a new password; returns what was sent. */
function respondToReset(respond: () => Response) {
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/auth/password-reset/confirm/", async ({ request }) => {
      sent.push(await request.json());
      return respond();
    }),
  );
  return sent;
}

test("a link for a forgotten password is sent without saying who has an account", async () => {
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
  const sent = respondToReset(() => new HttpResponse(null, { status: 204 }));
  const { user, router } = renderShop(link);

  await user.type(await screen.findByLabelText("New password"), "horse-battery{Enter}");

  expect(await screen.findByText("Your new password is set.")).toBeVisible();
  expect(sent).toEqual([{ uid: "NDI", token: "c2f-9d1", password: "horse-battery" }]);
  await user.click(within(screen.getByRole("main")).getByRole("link", { name: "Sign in" }));
  expect(router.state.location.pathname).toBe("/sign-in");
});

test("a link that was used or is too old leads to a new one", async () => {
  respondToReset(() => validationProblem("token", "The link has been used or has expired."));
  const { user, router } = renderShop(link);

  await user.type(await screen.findByLabelText("New password"), "horse-battery{Enter}");

  expect(await screen.findByRole("alert")).toHaveTextContent("This link no longer works.");
  expect(screen.queryByLabelText("New password")).not.toBeInTheDocument();
  await user.click(screen.getByRole("link", { name: "Send a new link" }));
  expect(router.state.location.pathname).toBe("/forgotten-password");
});

test("an incomplete link is not sent to the server", async () => {
  renderShop("/reset-password?uid=NDI");

  expect(await screen.findByText("This link no longer works.")).toBeVisible();
  expect(screen.queryByLabelText("New password")).not.toBeInTheDocument();
});

test("after a password that is too easy, the same link takes another one", async () => {
  let tries = 0;
  respondToReset(() => {
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

test("in German the error is German, and the mail is requested in German", async () => {
  const languages: (string | null)[] = [];
  server.use(
    http.post("*/api/auth/password-reset/", ({ request }) => {
      languages.push(request.headers.get("Accept-Language"));
      return new HttpResponse(null, { status: 204 });
    }),
  );
  respondToReset(() => validationProblem("password", "This password is too common."));
  await changeLanguage("de");
  const { user } = renderShop(link);

  await user.type(await screen.findByLabelText("Neues Passwort"), "passwort{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("zu leicht zu erraten");
  await user.click(screen.getByRole("link", { name: "Anmelden" }));
  await user.click(await screen.findByRole("link", { name: "Passwort vergessen?" }));
  await user.type(await screen.findByLabelText("E-Mail"), "mara@shop.example{Enter}");
  expect(await screen.findByText("Schauen Sie in Ihr Postfach.")).toBeVisible();
  await changeLanguage("en");

  expect(languages).toEqual(["de"]);
});
