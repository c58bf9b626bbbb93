import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { waitForChanges } from "./changes";
import { clearDraft } from "./checkout-draft";
import { client, unwrap } from "./client";
import { askForShopper, beginShopperChange, endShopperChange, setShopper } from "./current-shopper";
import { interactionOutbox } from "./events";
import type { Me } from "./types";
import { setHasVisitorId } from "./visitor-id";

const meQuery = () =>
  queryOptions({
    queryKey: ["me"],
    queryFn: ({ signal }) => askForShopper(() => unwrap(client.GET("/api/me/", { signal }))),
  });

const demoShoppersQuery = () =>
  queryOptions({
    queryKey: ["demo-shoppers"],
    queryFn: ({ signal }) => unwrap(client.GET("/api/demo/shoppers/", { signal })),
    staleTime: Infinity,
  });

/** Ask the server who is shopping, also while the network seems to be away. */
export async function checkShopper(queryClient: QueryClient): Promise<void> {
  try {
    const me = await askForShopper(() => unwrap(client.GET("/api/me/")));
    queryClient.setQueryData(meQuery().queryKey, me);
  } catch {
    // The requests that follow will show that the shop does not answer.
  }
}

export const useMe = () => useQuery(meQuery());

/** Sample shoppers to sign in as; a real shop has none. */
export const useDemoShoppers = () => useQuery(demoShoppersQuery());

/** The first name of the shopper who is signed in, else the user name; null for a visitor. */
export function useShopperName(): string | null {
  const me = useMe().data;
  if (me === undefined) return null;
  return me.first_name === null || me.first_name === "" ? me.username : me.first_name;
}

/** Whether the shopper lets lists follow what they do; true until the server has answered. */
export const usePersonalizationEnabled = () => useMe().data?.personalization_enabled ?? true;

/** Returns a function that says the same when it is called, for components that need not follow it. */
export function useIsPersonalizationEnabled(): () => boolean {
  const queryClient = useQueryClient();
  return () => queryClient.getQueryData(meQuery().queryKey)?.personalization_enabled ?? true;
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
const signInAs = (userId: number) => {
  clearDraft();
  return unwrap(client.POST("/api/demo/sign-in/", { body: { user_id: userId } }));
};
const signOut = () => {
  clearDraft();
  return unwrap(client.POST("/api/auth/logout/", {}));
};

const requestPasswordReset = (email: string) =>
  unwrap(client.POST("/api/auth/password-reset/", { body: { email } }));

interface NewPassword {
  uid: string;
  token: string;
  password: string;
}

const resetPassword = (choice: NewPassword) =>
  unwrap(client.POST("/api/auth/password-reset/confirm/", { body: choice }));

/** Request a mail with a link to set a new password. */
export const useRequestPasswordReset = () => useMutation({ mutationFn: requestPasswordReset });

/** Set a new password with the mailed link. The server ends every session of the account. */
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

/** Sign in, out or up. Nearly all data belongs to the shopper, so every query starts anew. */
function useAuthMutation<Variables>(mutationFn: (variables: Variables) => Promise<Me | undefined>) {
  const queryClient = useQueryClient();
  return useMutation({
    // One after the other: the last one decides who shops.
    scope: { id: "shopper" },
    mutationFn: async (variables: Variables) => {
      // Pending interactions belong to the shopper who is leaving, and so do requests under way.
      await interactionOutbox.flush();
      beginShopperChange();
      try {
        await waitForChanges();
        const me = await mutationFn(variables);
        setShopper(me);
        setHasVisitorId(false);
        return me;
      } finally {
        endShopperChange();
      }
    },
    onSuccess: () => queryClient.resetQueries(),
  });
}
