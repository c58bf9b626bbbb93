import { Download, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";

import { BareButton, Button } from "@/components/ui/button";
import { lazyPart } from "@/components/ui/lazy-part";
import { QueryStates } from "@/components/ui/query-states";
import { Skeleton } from "@/components/ui/skeleton";
import { useMissingScript } from "@/hooks/use-missing-script";
import { useToast } from "@/hooks/use-toast";
import { useTranslation } from "@/hooks/use-translation";
import { useDataCounts, useSetPersonalization } from "@/services/my-data";
import { numberFormat } from "@/services/number-format";
import { shop } from "@/services/shop";
import type { Me } from "@/services/types";

interface EraseDialogProps {
  requiresPassword: boolean;
  onClose: () => void;
  onErased: () => void;
}

const EraseDialog = lazyPart<EraseDialogProps>(
  () => import("@/components/account/erase-dialog"),
  MissingDialog,
);

/** Closes the dialog that cannot be opened, and says why. */
function MissingDialog({ onClose }: EraseDialogProps) {
  const explain = useMissingScript();
  useEffect(() => {
    void explain();
    onClose();
  }, [onClose, explain]);
  return null;
}

const countedLists = ["interactions", "likes", "not_interested", "orders"] as const;

/** What the shop knows about the shopper, and the ways to export, erase or stop using it. */
export function YourData({ me }: { me: Me }) {
  const { t } = useTranslation();
  const toast = useToast();
  const navigate = useNavigate();
  const [erasing, setErasing] = useState(false);
  return (
    <section aria-labelledby="your-data">
      <h2 id="your-data" className="text-xl">
        {t("data.title")}
      </h2>
      <p className="mt-1 mb-4 max-w-prose text-sm text-muted">{t("data.text")}</p>
      <div className="grid gap-6 rounded-tile border border-line bg-surface p-5 sm:p-6">
        <DataCounts />
        <PersonalizationSwitch me={me} />
        <div className="flex flex-wrap gap-3 border-t border-line pt-5">
          <a
            href="/api/me/export/"
            download={`${shop.name}.json`}
            className="inline-flex min-h-11 items-center gap-2 rounded-full border border-line px-5 text-sm font-semibold hover:border-ink"
          >
            <Download aria-hidden="true" size={16} />
            {t("data.export")}
          </a>
          <Button
            variant="quiet"
            className="text-danger!"
            onClick={() => {
              setErasing(true);
            }}
          >
            <Trash2 aria-hidden="true" size={16} />
            {t("data.erase")}
          </Button>
        </div>
      </div>
      {erasing && (
        <EraseDialog
          requiresPassword={me.is_authenticated}
          onClose={() => {
            setErasing(false);
          }}
          onErased={() => {
            toast.show({ text: t("toast.erased") });
            void navigate("/");
          }}
        />
      )}
    </section>
  );
}

function DataCounts() {
  const { t, language } = useTranslation();
  const counts = useDataCounts();
  const number = numberFormat(language);
  return (
    <QueryStates query={counts} loading={<Skeleton className="h-16" />}>
      {(data) => (
        <dl aria-label={t("data.known")} className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          {countedLists.map((list) => (
            <div key={list} className="flex flex-col-reverse justify-end">
              <dt className="text-sm text-muted">{t(`data.counts.${list}`)}</dt>
              <dd className="font-display text-2xl font-semibold tabular-nums">
                {number.format(data[list])}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </QueryStates>
  );
}

function PersonalizationSwitch({ me }: { me: Me }) {
  const { t } = useTranslation();
  const toast = useToast();
  const personalization = useSetPersonalization();
  const enabled = personalization.isPending ? personalization.variables : me.personalization_enabled;
  return (
    <div className="flex items-start justify-between gap-6 border-t border-line pt-5">
      <div>
        <p id="personal-shelves" className="font-semibold">
          {t("data.personal")}
        </p>
        <p id="personal-shelves-text" className="mt-1 max-w-prose text-sm text-muted">
          {t("data.personalText")}
        </p>
      </div>
      <BareButton
        role="switch"
        aria-checked={enabled}
        aria-labelledby="personal-shelves"
        aria-describedby="personal-shelves-text"
        disabled={personalization.isPending}
        onClick={() => {
          personalization.mutate(!enabled, {
            onSuccess: (updated) => {
              toast.show({
                text: t(updated.personalization_enabled ? "toast.personalOn" : "toast.personalOff"),
              });
            },
            onError: (error) => {
              toast.show({ text: t("toast.failed", { message: error.message }) });
            },
          });
        }}
        className="grid h-11 w-14 shrink-0 place-items-center"
      >
        <span
          aria-hidden="true"
          className={`flex h-7 w-12 items-center rounded-full border-2 px-0.5 transition-colors ${
            enabled ? "border-accent bg-accent forced-colors:bg-[Highlight]" : "border-muted bg-surface"
          }`}
        >
          <span
            className={`size-5 rounded-full transition-transform ${
              enabled
                ? "translate-x-4.5 bg-on-accent forced-colors:bg-[HighlightText]"
                : "bg-muted forced-colors:bg-[ButtonText]"
            }`}
          />
        </span>
      </BareButton>
    </div>
  );
}
