import { screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { Gallery } from "@/components/products/gallery";
import { product } from "@/testing/builders";
import { renderComponent } from "@/testing/render";

const images = ["front", "side", "near"].map((view) => ({ url: `/media/${view}.svg`, srcset: "" }));

test("a product with one picture shows it without a strip", () => {
  renderComponent(<Gallery product={product()} />);

  expect(screen.getByRole("img", { name: "Copper kettle" })).toHaveAttribute("src", "/media/products/7.svg");
  expect(screen.queryByRole("tab")).not.toBeInTheDocument();
});

test("the chosen picture is shown large", async () => {
  const { user } = renderComponent(<Gallery product={product({ images })} />);

  await user.click(screen.getByRole("tab", { name: "Picture 2 of 3" }));

  expect(screen.getByRole("img", { name: "Copper kettle, Picture 2 of 3" })).toHaveAttribute(
    "src",
    "/media/side.svg",
  );
});

test("the arrow keys move through the pictures, from the last on to the first", async () => {
  const { user } = renderComponent(<Gallery product={product({ images })} />);

  await user.tab();
  await user.keyboard("{End}");
  expect(screen.getByRole("tab", { name: "Picture 3 of 3", selected: true })).toHaveFocus();
  await user.keyboard("{ArrowRight}");

  expect(screen.getByRole("tab", { name: "Picture 1 of 3", selected: true })).toHaveFocus();
  expect(screen.getByRole("img", { name: "Copper kettle, Picture 1 of 3" })).toBeVisible();
});

test("a photograph is offered in several widths, a drawing as it is", () => {
  const photograph = { url: "/media/kettle.jpg", srcset: "/media/kettle.jpg?width=320 320w" };
  renderComponent(<Gallery product={product({ images: [photograph, ...images] })} />);

  const large = screen.getByRole("img", { name: "Copper kettle, Picture 1 of 4" });

  expect(large).toHaveAttribute("srcset", "/media/kettle.jpg?width=320 320w");
  expect(large).toHaveAttribute("sizes");
  expect(screen.getAllByRole("presentation").at(-1)).not.toHaveAttribute("srcset");
});
