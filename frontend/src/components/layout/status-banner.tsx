import { CookieIcon, type LucideIcon, WifiOff } from "lucide-react";

import { useOnline } from "@/hooks/use-online";
import { useTranslation } from "@/hooks/use-translation";
import { keepsCookies } from "@/services/cookies";

const hasCookies = keepsCookies();

/** Says above every page what the shop has to do without: the network, or cookies. */
export function StatusBanner() {
  const { t } = useTranslation();
  const online = useOnline();
  return (
    <div role="status">
      {!hasCookies && <Line icon={CookieIcon} text={t("failure.noCookies")} />}
      {!online && <Line icon={WifiOff} text={t("failure.offlineBanner")} />}
    </div>
  );
}

function Line({ icon: Icon, text }: { icon: LucideIcon; text: string }) {
  return (
    <p className="page mt-3 flex items-center gap-2 text-sm font-medium text-amber">
      <Icon aria-hidden="true" size={16} className="shrink-0" />
      {text}
    </p>
  );
}
