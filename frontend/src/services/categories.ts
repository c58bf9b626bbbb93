import { queryOptions, useQuery } from "@tanstack/react-query";

import { client, unwrap } from "./client";

const categoriesQuery = () =>
  queryOptions({
    queryKey: ["categories"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/categories/", { signal })),
    staleTime: 10 * 60_000,
  });

export const useCategories = () => useQuery(categoriesQuery());
