import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { client, unwrap } from "./client";
import { interactionOutbox } from "./events";
import type { Me } from "./types";

const meQuery = () =>
  queryOptions({
    queryKey: ["me"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/me/", { signal })),
  });

const demoShoppersQuery = () =>
  queryOptions({
    queryKey: ["demo-shoppers"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/demo/shoppers/", { signal })),
    staleTime: Infinity,
  });

export const useMe = () => useQuery(meQuery());

/** Seeded shoppers one may sign in as; none where the shop is a real one. */
export const useDemoShoppers = () => useQuery(demoShoppersQuery());

/** What to call who is signed in: by first name where it is known. Null for a visitor. */
export function useShopperName(): string | null {
  const me = useMe().data;
  if (me === undefined) return null;
  return me.first_name === null || me.first_name === "" ? me.username : me.first_name;
}

interface Credentials {
  username: string;
  password: string;
}

interface Registration extends Credentials {
  email: string;
}

const signIn = (credentials: Credentials) =>
  unwrap(client.POST("/api/auth/login/", { body: credentials }));
const register = (registration: Registration) =>
  unwrap(client.POST("/api/auth/register/", { body: registration }));
const signInAs = (userId: number) =>
  unwrap(client.POST("/api/demo/sign-in/", { body: { user_id: userId } }));
const signOut = () => unwrap(client.POST("/api/auth/logout/", {}));

const requestPasswordReset = (email: string) =>
  unwrap(client.POST("/api/auth/password-reset/", { body: { email } }));

interface NewPassword {
  uid: string;
  token: string;
  password: string;
}

const resetPassword = (choice: NewPassword) =>
  unwrap(client.POST("/api/auth/password-reset/confirm/", { body: choice }));

/** Have a link mailed that leads to a new password. */
export const useRequestPasswordReset = () => useMutation({ mutationFn: requestPasswordReset });

/** Choose a new password by the mailed link; it signs the account out everywhere. */
export function useResetPassword() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: resetPassword,
    onSuccess: () => queryClient.resetQueries(),
  });
}

export const useSignIn = () => useAuthMutation(signIn);
export const useRegister = () => useAuthMutation(register);
export const useSignInAs = () => useAuthMutation(signInAs);
export const useSignOut = () => useAuthMutation(signOut);

/** Nearly everything on screen belongs to the shopper, so a new one starts with nothing fetched. */
function useAuthMutation<Variables>(mutationFn: (variables: Variables) => Promise<Me | undefined>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (variables: Variables) => {
      // What was done so far was done by who is leaving.
      await interactionOutbox.flush();
      return mutationFn(variables);
    },
    onSuccess: () => queryClient.resetQueries(),
  });
}
