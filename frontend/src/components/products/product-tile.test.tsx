import { screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { ProductTile } from "@/components/products/product-tile";
import { cart, productCard } from "@/testing/builders";
import { holdAnswer } from "@/testing/held-answer";
import { renderComponent } from "@/testing/render";
import { server } from "@/testing/server";

test("a tile shows the name and the price and links to the product", () => {
  renderComponent(<ProductTile product={productCard({ price: "1249.50" })} />);

  expect(screen.getByRole("link", { name: "Copper kettle" })).toHaveAttribute("href", "/product/7");
  expect(screen.getByText("$1,249.50")).toBeVisible();
});

test("a product without a picture shows its initial", () => {
  renderComponent(<ProductTile product={productCard({ image: null, name: "“ähre” bread knife" })} />);

  expect(screen.queryByRole("presentation")).not.toBeInTheDocument();
  expect(screen.getByText("Ä")).toBeInTheDocument();
});

test("a picture loads lazily unless it is eager", () => {
  renderComponent(
    <>
      <ProductTile product={productCard({ id: 1 })} />
      <ProductTile product={productCard({ id: 2 })} eager />
    </>,
  );

  const [low, top] = screen.getAllByRole("presentation");
  expect(low).toHaveAttribute("loading", "lazy");
  expect(top).toHaveAttribute("loading", "eager");
});

test("a sold-out product says so and cannot be added to the cart", () => {
  renderComponent(<ProductTile product={productCard({ in_stock: false })} />);

  expect(screen.getByText("Sold out")).toBeVisible();
  expect(screen.getByRole("button", { name: "Add Copper kettle to cart" })).toHaveAttribute("aria-disabled", "true");
});

test("adding to the cart sends the product and says that it worked", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/cart/", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(cart(), { status: 201 });
    }),
  );
  const { user } = renderComponent(<ProductTile product={productCard()} />);

  await user.click(screen.getByRole("button", { name: "Add Copper kettle to cart" }));

  expect(await screen.findByText("Copper kettle is in your cart.")).toBeInTheDocument();
  expect(sent).toEqual([{ product_id: 7, quantity: 1, event_id: expect.any(String) as string }]);
});

test("when the server does not add a product, the message says why", async () => {
  server.use(
    http.post("*/api/cart/", () =>
      HttpResponse.json(
        { title: "Out of stock", status: 409, code: "out_of_stock", detail: "1 piece is left." },
        { status: 409 },
      ),
    ),
  );
  const { user } = renderComponent(<ProductTile product={productCard()} />);

  await user.click(screen.getByRole("button", { name: "Add Copper kettle to cart" }));

  expect(await screen.findByText("That did not work: There are not that many left. Choose fewer.")).toBeInTheDocument();
});

test("a like is shown at once and rolled back when the server rejects it", async () => {
  const { answered, answer } = holdAnswer();
  server.use(
    http.post("*/api/likes/", () => answered),
  );
  const { user } = renderComponent(<ProductTile product={productCard()} />);

  await user.click(await screen.findByRole("button", { name: "Like Copper kettle" }));
  expect(screen.getByRole("button", { name: "You like Copper kettle" })).toBePressed();
  answer(HttpResponse.json({ title: "Gone", detail: "No such product." }, { status: 404 }));

  expect(await screen.findByRole("button", { name: "Like Copper kettle" })).not.toBePressed();
});
