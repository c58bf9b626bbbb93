import { expect, test } from "vitest";

import { buildCategoryAddress, readCategoryAddress, splitPath } from "./categories";
// The server's test reads the same file.
import addresses from "./category-addresses.json";

test.each(addresses as [string, string][])("%s stands at %s", (path, address) => {
  expect(buildCategoryAddress(path)).toBe(address);
  expect(readCategoryAddress(address)).toBe(path);
  expect(readCategoryAddress(`${address}/`)).toBe(path);
});

test("a path has its levels, and other pages have none", () => {
  expect(splitPath("A > B > C")).toEqual(["A", "A > B", "A > B > C"]);
  expect(splitPath("")).toEqual([]);
  expect(readCategoryAddress("/product/7")).toBeUndefined();
});
