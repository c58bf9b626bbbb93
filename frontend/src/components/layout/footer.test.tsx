import { screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { Footer } from "@/components/layout/footer";
import { shop } from "@/services/shop";
import { renderComponent } from "@/testing/render";

const defaults = { ...shop };

afterEach(() => {
  Object.assign(shop, defaults);
});

test("a shop's footer has its name and its own links alone", () => {
  Object.assign(shop, {
    name: "Halm & Co",
    links: [{ label: "Imprint", url: "/imprint" }],
    is_demo: false,
    sends_mail: true,
  });

  renderComponent(<Footer />);

  expect(screen.getByText("Halm & Co")).toBeVisible();
  expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["/imprint"]);
});

test("a demonstration's footer says what it is and leads behind the scenes", () => {
  renderComponent(<Footer />);

  expect(screen.getByText(/^A demonstration shop/)).toBeVisible();
  expect(screen.getByRole("link", { name: "API reference" })).toHaveAttribute("href", "/api/docs/");
  expect(screen.getByRole("link", { name: "Shop admin" })).toHaveAttribute("href", "/admin/");
});
