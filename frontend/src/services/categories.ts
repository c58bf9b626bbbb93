import { queryOptions, useQuery } from "@tanstack/react-query";

import { client, unwrap } from "./client";

const separator = " > ";
/** How signs of a name are written in an address; `views/category_addresses.py` has the same. */
const escapes = [
  ["%2E", "%252E"],
  ["%2F", "%252F"],
  ["/", "%2F"],
] as const;

const categoriesQuery = (parent: string | undefined) =>
  queryOptions({
    queryKey: ["categories", parent ?? null],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/categories/", {
          params: { query: parent === undefined ? {} : { parent } },
          signal,
        }),
      ),
    staleTime: 10 * 60_000,
  });

/** The categories directly below a path, or the highest ones (""), or the whole tree (undefined). */
export const useCategories = (parent: string | undefined) => useQuery(categoriesQuery(parent));

/** The paths of all levels, the highest first: "Clothing > Hoodies" has "Clothing" and itself. */
export const splitPath = (path: string): string[] =>
  path === ""
    ? []
    : path.split(separator).map((_, depth, names) => names.slice(0, depth + 1).join(separator));

/** The last level of a path. */
export const getCategoryName = (path: string): string => path.split(separator).at(-1) ?? "";

/** The address of a category: its levels as the parts of the address. */
export const buildCategoryAddress = (path: string): string =>
  `/category/${path.split(separator).map(encodeLevel).join("/")}`;

/** The path of the category at an address; undefined where there is none. */
export function readCategoryAddress(address: string): string | undefined {
  const [, page, ...parts] = address.replace(/\/+$/, "").split("/");
  return page?.toLowerCase() === "category" ? parts.map(decodeLevel).join(separator) : undefined;
}

function encodeLevel(name: string): string {
  let escaped = name;
  for (const [sign, code] of escapes) escaped = escaped.replaceAll(sign, code);
  // Browsers take these parts out of an address.
  if (escaped === "." || escaped === "..") escaped = escaped.replaceAll(".", "%2E");
  return encodeURIComponent(escaped);
}

function decodeLevel(part: string): string {
  let name = part;
  try {
    name = decodeURIComponent(part);
  } catch {
    // A broken address: no category has this name.
  }
  if (name === "%2E" || name === "%2E%2E") return name.replaceAll("%2E", ".");
  for (const [sign, code] of escapes.toReversed()) name = name.replaceAll(code, sign);
  return name;
}
