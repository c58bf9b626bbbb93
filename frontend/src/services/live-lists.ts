import type { Query, QueryClient, QueryFunction, QueryKey } from "@tanstack/react-query";

import { personalKey, refreshPersonalQueries } from "./personal-queries";
import type { NamedList, Recommendation } from "./types";

/** Under this key and that of a page's lists are the lists as they would be now. */
export const freshKey = (queryKey: QueryKey): QueryKey => ["fresh", ...queryKey];

const freshMilliseconds = 5 * 60_000;

/**
 * Ask for the lists of this page again, beside those on screen.
 *
 * What is read stays as it is: each rail decides when to change. But where products may have been taken
 * out of the lists of all (`withdraw`), one that is in none of them leaves the screen at once.
 */
export async function refreshLists(queryClient: QueryClient, { withdraw = false } = {}): Promise<void> {
  const shown = queryClient.getQueryCache().findAll({ queryKey: [personalKey], type: "active" });
  await Promise.all([
    refreshPersonalQueries(queryClient),
    ...shown.map((query) => refreshPage(queryClient, query, withdraw)),
  ]);
}

async function refreshPage(queryClient: QueryClient, query: Query, withdraw: boolean): Promise<void> {
  const { queryFn } = query.options;
  if (typeof queryFn !== "function" || query.state.data === undefined) return;
  try {
    const fresh = await queryClient.query<NamedList[]>({
      queryKey: freshKey(query.queryKey),
      queryFn: queryFn as QueryFunction<NamedList[]>,
      staleTime: 0,
      gcTime: freshMilliseconds,
    });
    queryClient.setQueryData<NamedList[]>(query.queryKey, (lists) => {
      if (lists === undefined) return undefined;
      const added = fresh.filter(({ name }) => lists.every((list) => list.name !== name));
      return [...(withdraw ? replaceGone(lists, fresh) : lists), ...added];
    });
  } catch {
    // What is on screen stays; the next news or the next page asks again.
  }
}

/** Return the lists with new products in the places of those that no fresh list has. */
function replaceGone(shown: NamedList[], fresh: NamedList[]): NamedList[] {
  const offered = new Set(fresh.flatMap((list) => list.recommendations.map(({ product_id }) => product_id)));
  return shown.map((list) => {
    const update = fresh.find(({ name }) => name === list.name);
    const isGone = ({ product_id }: Recommendation) => !offered.has(product_id);
    if (!list.recommendations.some(isGone)) return list;
    const next = (update?.recommendations ?? []).filter((entry) => !isShown(shown, entry));
    const recommendations = list.recommendations.flatMap((entry) => (isGone(entry) ? next.splice(0, 1) : [entry]));
    return { ...list, recommendations };
  });
}

/**
 * Return what a rail would show now; undefined if it shows just that.
 *
 * What another rail shows is left out: no product stands on a page twice.
 */
export function findUpdate(shown: NamedList[], fresh: NamedList[] | undefined, name: string): NamedList | undefined {
  const list = shown.find((one) => one.name === name);
  const update = fresh?.find((one) => one.name === name);
  if (list === undefined || update === undefined) return undefined;
  const others = shown.filter((one) => one !== list);
  const recommendations = update.recommendations.filter((entry) => !isShown(others, entry));
  if (recommendations.length === 0 || listIds(recommendations) === listIds(list.recommendations)) return undefined;
  return { ...update, recommendations };
}

const isShown = (lists: NamedList[], { product_id }: Recommendation) =>
  lists.some((list) => list.recommendations.some((entry) => entry.product_id === product_id));

const listIds = (recommendations: Recommendation[]) =>
  recommendations.map(({ product_id }) => product_id).join();
