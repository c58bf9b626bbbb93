import { act, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { Carousel } from "@/components/recommendations/carousel";
import { renderComponent } from "@/testing/render";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Render a row of this width in a window of 500 pixels, and scroll it to this position. */
function renderRow(width: number, position: number) {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(500);
  vi.spyOn(HTMLElement.prototype, "scrollWidth", "get").mockReturnValue(width);
  vi.spyOn(HTMLElement.prototype, "scrollLeft", "get").mockReturnValue(position);
  renderComponent(
    <Carousel title="For you">
      <p>Copper kettle</p>
    </Carousel>,
  );
  act(() => {
    screen.getByText("Copper kettle").parentElement?.dispatchEvent(new Event("scroll"));
  });
}

const arrow = (name: string) => screen.getByLabelText(name);

test("a row that fits has no arrows", () => {
  renderRow(500, 0);

  expect(arrow("Scroll For you back").parentElement).toHaveClass("hidden", { exact: true });
});

test.each([
  [0, "true", "false"],
  [250, "false", "false"],
  [500, "false", "true"],
])("at %d pixels, an arrow leads only where there is something", (position, back, forward) => {
  renderRow(1000, position);

  expect(arrow("Scroll For you back")).toHaveAttribute("aria-disabled", back);
  expect(arrow("Scroll For you forward")).toHaveAttribute("aria-disabled", forward);
});
