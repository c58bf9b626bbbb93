import { queryOptions, useQuery } from "@tanstack/react-query";

import { answer, client } from "./client";

const categoriesQuery = () =>
  queryOptions({
    queryKey: ["categories"],
    queryFn: ({ signal }) => answer(client.GET("/api/categories/", { signal })),
    staleTime: 10 * 60_000,
  });

export const useCategories = () => useQuery(categoriesQuery());
