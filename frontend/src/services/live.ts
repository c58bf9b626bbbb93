import type { QueryClient } from "@tanstack/react-query";

import { cartMutationKey, cartQuery } from "./cart";
import { getShopper, onShopper } from "./current-shopper";
import { feedbackKey } from "./feedback";
import { type News, listenForNews } from "./live-connection";
import { refreshLists } from "./live-lists";
import { refreshProducts } from "./live-products";
import { tabId } from "./tab";

/** News for everybody reach all pages at once: they ask one after the other. */
const spreadMilliseconds = { rules: 2_000, model: 10_000 };
/** A process of the shop that has no pages open may follow new rules so much later. */
const lateRulesMilliseconds = 10_000;

/** Let open pages follow what changes in the shop; returns a function that stops this. */
export function followShop(queryClient: QueryClient): () => void {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const soon = (within: number, ask: () => void, after = 0) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      ask();
    }, after + Math.random() * within);
    timers.add(timer);
  };

  const refreshCart = () => {
    // The answer to a change that is under way brings the cart.
    if (queryClient.isMutating({ mutationKey: cartMutationKey }) > 0) return;
    void queryClient.invalidateQueries({ queryKey: cartQuery().queryKey });
  };
  const refreshFeedback = () => {
    if (queryClient.isMutating({ mutationKey: feedbackKey }) > 0) return;
    for (const queryKey of [["likes"], ["hidden-products"]]) void queryClient.invalidateQueries({ queryKey });
  };
  const hear = ({ type, ids }: News) => {
    switch (type) {
      case "lists":
        void refreshLists(queryClient);
        break;
      case "feedback":
        refreshFeedback();
        void refreshLists(queryClient);
        break;
      case "cart":
        refreshCart();
        break;
      case "products":
        void refreshProducts(queryClient, ids);
        break;
      case "rules":
        for (const after of [0, lateRulesMilliseconds]) {
          soon(spreadMilliseconds.rules, () => void refreshLists(queryClient, { withdraw: true }), after);
        }
        break;
      case "model":
        soon(spreadMilliseconds.model, () => void refreshLists(queryClient));
    }
  };
  const catchUp = () => {
    refreshCart();
    refreshFeedback();
    void refreshProducts(queryClient);
  };

  const listen = () => listenForNews(`/ws/shop/?tab=${tabId}`, { hear, catchUp });
  let stopListening = listen();
  const stopFollowing = onShopper((before) => {
    if (before === getShopper()) return;
    stopListening();
    stopListening = listen();
  });
  return () => {
    stopFollowing();
    stopListening();
    for (const timer of timers) clearTimeout(timer);
  };
}
