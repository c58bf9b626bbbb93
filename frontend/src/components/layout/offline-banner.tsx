import { WifiOff } from "lucide-react";

import { useOnline } from "@/hooks/use-online";
import { useTranslation } from "@/hooks/use-translation";

/** Says that there is no network, and that nothing is lost. */
export function OfflineBanner() {
  const { t } = useTranslation();
  const online = useOnline();
  return (
    <div role="status">
      {!online && (
        <p className="page mt-3 flex items-center gap-2 text-sm font-medium text-amber">
          <WifiOff aria-hidden="true" size={16} className="shrink-0" />
          {t("failure.offlineBanner")}
        </p>
      )}
    </div>
  );
}
