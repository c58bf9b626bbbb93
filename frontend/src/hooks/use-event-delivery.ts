import { onlineManager, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { useToast } from "@/hooks/use-toast";
import { useTranslation } from "@/hooks/use-translation";
import { changeKey, keepChanges, ShopperLeftError } from "@/services/changes";
import { onOtherTab, onShopper, getShopper } from "@/services/current-shopper";
import { impressionOutbox, interactionOutbox } from "@/services/events";
import { refreshPersonalQueries } from "@/services/personal-queries";
import { checkShopper } from "@/services/shoppers";

const listenAfterMilliseconds = 500;

/** Send what the shopper does while the shop is open, say what the server did not accept, and hear what changes. */
export function useEventDelivery(): void {
  const queryClient = useQueryClient();
  const { t } = useTranslation();
  const toast = useToast();

  useEffect(() => {
    const stops = [
      interactionOutbox.onDelivered(() => {
        void refreshPersonalQueries(queryClient);
      }),
      interactionOutbox.start(),
      impressionOutbox.start(),
      keepChanges(queryClient),
      onOtherTab(() => void checkShopper(queryClient)),
      onShopper((before) => {
        // Nearly all data on screen belongs to the shopper before.
        if (before !== undefined && before !== getShopper()) void queryClient.resetQueries();
      }),
    ];
    watchNetwork(queryClient);
    let isLeft = false;
    // What open pages hear can wait until the page stands.
    const timer = setTimeout(() => {
      void import("@/services/live")
        .then(({ followShop }) => {
          if (!isLeft) stops.push(followShop(queryClient));
        })
        // Without the script, the page stays as it was loaded.
        .catch(() => undefined);
    }, listenAfterMilliseconds);
    return () => {
      isLeft = true;
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [queryClient]);

  useEffect(
    () =>
      queryClient.getMutationCache().subscribe((event) => {
        if (event.type !== "updated" || event.action.type !== "error") return;
        if (event.mutation.options.mutationKey?.[0] !== changeKey) return;
        if (event.action.error instanceof ShopperLeftError) return;
        toast.show({ text: t("toast.failed", { message: (event.action.error as Error).message }) });
      }),
    [queryClient, t, toast],
  );
}

/** The network is back once the server has said who is shopping: what waits is sent for nobody else. */
function watchNetwork(queryClient: QueryClient): void {
  onlineManager.setEventListener((setOnline) => {
    const goOnline = () => void checkShopper(queryClient).then(() => { setOnline(navigator.onLine); });
    const goOffline = () => { setOnline(false); };
    window.addEventListener("online", goOnline);
    window.addEventListener("offline", goOffline);
    return () => {
      window.removeEventListener("online", goOnline);
      window.removeEventListener("offline", goOffline);
    };
  });
}
