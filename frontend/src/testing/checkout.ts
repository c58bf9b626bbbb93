import { screen } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { order } from "@/testing/builders";
import { server } from "@/testing/server";

/** Enter an address, choose a way of delivery, and go on to the review. */
export async function fillInUpToReview(user: UserEvent) {
  await user.type(await screen.findByLabelText(/^Email/), "mara@shop.example");
  await user.type(screen.getByLabelText("Full name"), "Mara Ode");
  await user.type(screen.getByLabelText("Street and number"), "Elm Row 4");
  await user.type(screen.getByLabelText("Postcode"), "10115");
  await user.type(screen.getByLabelText("City"), "Berlin{Enter}");
  await user.click(await screen.findByRole("radio", { name: /pick-up point/ }));
  await user.click(screen.getByRole("button", { name: "Continue to review" }));
}

/** Answer orders one after the other, and return what was sent. */
export function answerOrders(...answers: (() => Response)[]) {
  const sent: { key: string | null; body: unknown }[] = [];
  server.use(
    http.post("*/api/orders/", async ({ request }) => {
      sent.push({ key: request.headers.get("Idempotency-Key"), body: await request.json() });
      return (answers.shift() ?? HttpResponse.error)();
    }),
  );
  return sent;
}

export const placed = () => HttpResponse.json(order(), { status: 201 });
