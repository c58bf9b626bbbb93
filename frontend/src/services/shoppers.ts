import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, client } from "./client";
import type { Me } from "./types";

const meQuery = () =>
  queryOptions({
    queryKey: ["me"],
    queryFn: ({ signal }) => answer(client.GET("/api/me/", { signal })),
  });

const demoShoppersQuery = () =>
  queryOptions({
    queryKey: ["demo-shoppers"],
    queryFn: ({ signal }) => answer(client.GET("/api/demo/shoppers/", { signal })),
    staleTime: Infinity,
  });

export const useMe = () => useQuery(meQuery());

/** Seeded shoppers one may sign in as; none where the shop is a real one. */
export const useDemoShoppers = () => useQuery(demoShoppersQuery());

/** What to call who is signed in: by first name where it is known. Null for a visitor. */
export function useShopperName(): string | null {
  const me = useMe().data;
  const shoppers = useDemoShoppers().data?.shoppers;
  return shoppers?.find(({ user_id }) => user_id === me?.user_id)?.name ?? me?.username ?? null;
}

interface Credentials {
  username: string;
  password: string;
}

const signIn = (credentials: Credentials) =>
  answer(client.POST("/api/auth/login/", { body: credentials }));
const signInAs = (userId: number) =>
  answer(client.POST("/api/demo/sign-in/", { body: { user_id: userId } }));
const signOut = () => answer(client.POST("/api/auth/logout/", {}));

export const useSignIn = () => useChangeOfShopper(signIn);
export const useSignInAs = () => useChangeOfShopper(signInAs);
export const useSignOut = () => useChangeOfShopper(signOut);

/** Nearly everything on screen belongs to the shopper, so a new one starts with nothing fetched. */
function useChangeOfShopper<Variables>(mutationFn: (variables: Variables) => Promise<Me | undefined>) {
  const queryClient = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => queryClient.resetQueries() });
}
