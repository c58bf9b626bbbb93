import { RefreshCw } from "lucide-react";

import { Button } from "@/components/ui/button";
import { useTranslation } from "@/hooks/use-translation";

interface UpdateButtonProps {
  /** The title of the rail. */
  rail: string;
  /** Undefined while there is no update. */
  onUpdate: (() => void) | undefined;
}

/** Offers what has changed in a rail. It lies over the end of the heading, so nothing moves when it comes. */
export function UpdateButton({ rail, onUpdate }: UpdateButtonProps) {
  const { t } = useTranslation();
  return (
    <div role="status" className="absolute -top-2 right-0 sm:top-auto sm:right-24 sm:-bottom-2">
      {onUpdate !== undefined && (
        <Button variant="outline" aria-label={t("rail.updatedNamed", { rail })} onClick={onUpdate} className="px-4! shadow-sm">
          <RefreshCw aria-hidden="true" size={15} />
          {t("rail.updated")}
        </Button>
      )}
    </div>
  );
}
