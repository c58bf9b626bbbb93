import { screen } from "@testing-library/react";
import { delay, http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { LooksLike } from "@/components/recommendations/looks-like";
import { product, productCard, recommendation, recommendationList } from "@/testing/builders";
import { renderComponent } from "@/testing/render";
import { server } from "@/testing/server";

const address = "*/api/products/7/similar/";
const lookalike = recommendation({
  product: productCard({ id: 8, name: "Brass kettle" }),
  source: "content",
  reason: {
    code: "looks_like",
    text: "",
    product: { id: 7, external_id: null, name: "Copper kettle" },
    category: null,
    count: null,
  },
});

async function openLookalikes() {
  const { user } = renderComponent(<LooksLike product={product({ has_lookalikes: true })} />);
  await user.click(screen.getByRole("button", { name: "Show what looks like this" }));
  return user;
}

test("a product that nothing looks like has no button", () => {
  renderComponent(<LooksLike product={product()} />);

  expect(screen.queryByRole("button")).not.toBeInTheDocument();
});

test("the keyboard opens what looks like a product, and closes it again", async () => {
  const asked: (string | null)[] = [];
  server.use(
    http.get(address, ({ request }) => {
      asked.push(new URL(request.url).searchParams.get("by"));
      return HttpResponse.json(recommendationList({ source: "content", recommendations: [lookalike] }));
    }),
  );
  const { user } = renderComponent(<LooksLike product={product({ has_lookalikes: true })} />);
  expect(asked).toEqual([]);

  await user.tab();
  await user.keyboard("{Enter}");

  expect(await screen.findByRole("region", { name: "Looks like this" })).toHaveTextContent("Brass kettle");
  expect(asked).toEqual(["picture"]);
  const close = screen.getByRole("button", { name: "Hide what looks like this" });
  expect(close).toHaveFocus();
  expect(close).toHaveAttribute("aria-expanded", "true");

  await user.keyboard("{Enter}");

  expect(screen.queryByRole("region", { name: "Looks like this" })).not.toBeInTheDocument();
});

test("while they are loading, that is said", async () => {
  server.use(http.get(address, () => delay("infinite")));
  await openLookalikes();

  expect(screen.getByRole("status")).toHaveTextContent("Loading");
});

test("if they fail, there is a button to try again", async () => {
  server.use(http.get(address, () => new HttpResponse(null, { status: 404 })));
  const user = await openLookalikes();
  expect(await screen.findByRole("alert")).toHaveTextContent("did not load");

  server.use(http.get(address, () => HttpResponse.json(recommendationList({ recommendations: [lookalike] }))));
  await user.click(screen.getByRole("button", { name: "Try again" }));

  expect(await screen.findByRole("region", { name: "Looks like this" })).toBeVisible();
});

test("if all of them are gone, that is said", async () => {
  server.use(http.get(address, () => HttpResponse.json(recommendationList({ recommendations: [] }))));
  await openLookalikes();

  expect(await screen.findByText("Nothing looks like this just now.")).toBeVisible();
});
