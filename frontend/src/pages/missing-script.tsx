import { RotateCw } from "lucide-react";
import { useEffect, useState } from "react";

import { Button } from "@/components/ui/button";
import type { Retry } from "@/components/ui/lazy-part";
import { Notice } from "@/components/ui/notice";
import { useOnline } from "@/hooks/use-online";
import { useTranslation } from "@/hooks/use-translation";
import { reloadForNewRelease, reloadIfReachable } from "@/services/release";

/** In the place of a page whose script cannot be fetched. The rest of the shop goes on. */
export function MissingScriptPage({ retry, failures }: Retry) {
  const { t } = useTranslation();
  const online = useOnline();
  const [isTrying, setIsTrying] = useState(false);
  // Again after each failure: the shop may have been down while its new release was installed.
  useEffect(() => {
    if (online) void reloadForNewRelease();
  }, [online, failures]);
  const tryAgain = async () => {
    setIsTrying(true);
    // A reload also helps where the browser remembers that the script failed.
    if (!(await retry())) await reloadIfReachable();
    setIsTrying(false);
  };
  return (
    <>
      <title>{t("title", { page: t("missingScript.title") })}</title>
      <h1 className="sr-only">{t("missingScript.title")}</h1>
      <Notice
        tone="error"
        title={t(online ? "missingScript.title" : "failure.offline")}
        action={
          <Button variant="outline" disabled={isTrying} onClick={() => void tryAgain()}>
            <RotateCw aria-hidden="true" size={16} />
            {t("failure.retry")}
          </Button>
        }
      >
        {t(online ? "missingScript.text" : "missingScript.offlineText")}
      </Notice>
    </>
  );
}
