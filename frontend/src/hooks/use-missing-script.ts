import { useCallback } from "react";

import { useToast } from "@/hooks/use-toast";
import { t } from "@/i18n";
import { reloadForNewRelease } from "@/services/release";

/**
 * Returns what to do where a script that the shopper asked for could not be fetched.
 *
 * After a new release the page is loaded anew; else the shopper reads what can be done.
 */
export function useMissingScript(): () => Promise<void> {
  const toast = useToast();
  return useCallback(async () => {
    const outcome = await reloadForNewRelease();
    if (outcome === "reloading") return;
    const message = t(outcome === "unreachable" ? "failure.unreachable" : "failure.script");
    toast.show({ text: t("toast.failed", { message }) });
  }, [toast]);
}
