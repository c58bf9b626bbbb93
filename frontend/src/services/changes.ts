import { type DefaultError, type MutationOptions, type QueryClient } from "@tanstack/react-query";

import { isTimeout, isTransient } from "./client";
import { getShopper, type Shopper, waitForShopper } from "./current-shopper";
import { KeptItems } from "./kept-items";

/** The key of every mutation that waits for the network and survives a reload begins with this. */
export const changeKey = "change";

/** What a change carries, so that it arrives once, and for the one who made it. */
export interface Change {
  eventId: string;
  shopper: Shopper | undefined;
}

export const makeChange = (): Change => ({ eventId: crypto.randomUUID(), shopper: getShopper() });

interface KeptChange {
  key: readonly unknown[];
  variables: unknown;
}

const kept = new KeptItems<KeptChange>(changeKey);

/** The shopper who made a change has left. The change waits in storage until they are back. */
export class ShopperLeftError extends Error {}

const underWay = new Set<Promise<unknown>>();

/** Wait for the answers to all changes that were sent. */
export async function waitForChanges(): Promise<void> {
  await Promise.allSettled(underWay);
}

/** Send a change, but only for the one who made it. */
async function sendForShopper<Data, Variables extends Change>(
  change: Variables,
  send: (change: Variables) => Promise<Data>,
): Promise<Data> {
  await waitForShopper();
  // Without a shopper, the change was made before the server said by whom.
  if (change.shopper !== undefined && change.shopper !== getShopper()) throw new ShopperLeftError();
  const answer = send(change);
  underWay.add(answer);
  try {
    return await answer;
  } finally {
    underWay.delete(answer);
  }
}

/**
 * Return the options of mutations that are made in order and arrive later if there is no network.
 *
 * Mutations of one scope wait for each other. A server that fails is tried twice more.
 */
export function changeOptions<Data, Variables extends Change, Before>({
  mutationFn: send,
  onError,
  ...options
}: MutationOptions<Data, DefaultError, Variables, Before> & {
  mutationFn: (change: Variables) => Promise<Data>;
}): MutationOptions<Data, DefaultError, Variables, Before> {
  return {
    networkMode: "online",
    retry: (failures, error) =>
      failures < 2 && isTransient(error) && !isTimeout(error) && !(error instanceof ShopperLeftError),
    ...options,
    mutationFn: (change) => sendForShopper(change, send),
    // What another shopper sees now is not theirs to take back.
    onError: (error, ...rest) => (error instanceof ShopperLeftError ? undefined : onError?.(error, ...rest)),
  };
}

/** Make a change, or once there is a network. Nobody waits for it: the shop says which changes failed. */
export function startChange(queryClient: QueryClient, mutationKey: readonly unknown[], variables: unknown): void {
  void queryClient
    .getMutationCache()
    .build<unknown, Error, unknown, unknown>(queryClient, { mutationKey })
    .execute(variables)
    .catch(() => undefined);
}

/** Keep changes until the server has accepted them, and make those of earlier visits; returns a function that stops this. */
export function keepChanges(queryClient: QueryClient): () => void {
  const cache = queryClient.getMutationCache();
  const findPending = () => cache.findAll({ mutationKey: [changeKey], status: "pending" });
  const keep = () => {
    kept.keep(
      findPending().map(({ options, state }) => ({
        key: options.mutationKey ?? [],
        variables: state.variables,
      })),
    );
  };
  const stops = [
    cache.subscribe(({ mutation, type }) => {
      if (type === "updated" && mutation.options.mutationKey?.[0] === changeKey) keep();
    }),
    kept.hand({
      take: (changes) => {
        for (const { key, variables } of changes) startChange(queryClient, key, variables);
        keep();
      },
      drop: () => {
        for (const mutation of findPending()) cache.remove(mutation);
      },
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Drop every change that the server has not accepted yet. */
export function dropChanges(queryClient: QueryClient): void {
  for (const mutation of queryClient.getMutationCache().findAll({ mutationKey: [changeKey] })) {
    queryClient.getMutationCache().remove(mutation);
  }
  kept.keep([]);
}
