import { useNavigation } from "react-router";

import { useTranslation } from "@/hooks/use-translation";

/** A bar at the top of the window while the next page is on its way. */
export function NavigationProgress() {
  const { t } = useTranslation();
  const isPending = useNavigation().state !== "idle";
  return (
    <div role="status" className="fixed inset-x-0 top-0 z-50">
      {isPending && (
        <>
          <span className="sr-only">{t("loading")}</span>
          <span aria-hidden="true" className="block h-1 origin-left animate-[progress_8s_cubic-bezier(0,0.6,0.2,1)_both] bg-accent forced-colors:bg-[Highlight]" />
        </>
      )}
    </div>
  );
}
