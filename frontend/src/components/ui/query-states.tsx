import { type Query, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

interface QueryStatesProps<Data> {
  query: UseQueryResult<Data>;
  loading: ReactNode;
  empty?: { when: (data: Data) => boolean; show: ReactNode };
  children: (data: Data) => ReactNode;
}

/** The four faces of a query: loading (or waiting for a network), failed with a retry, empty, and its data. */
export function QueryStates<Data>({ query, loading, empty, children }: QueryStatesProps<Data>) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  if (query.data !== undefined) {
    return empty?.when(query.data) ? empty.show : children(query.data);
  }
  if (query.isError) {
    return (
      <Notice
        tone="trouble"
        title={t("trouble.title")}
        action={
          <Button
            variant="outline"
            onClick={() => {
              // What failed here seldom failed alone.
              const failed = ({ state }: Query) => state.status === "error";
              void queryClient.refetchQueries({ type: "active", predicate: failed });
            }}
          >
            <RotateCw aria-hidden="true" size={16} />
            {t("trouble.retry")}
          </Button>
        }
      >
        {query.error.message}
      </Notice>
    );
  }
  if (query.fetchStatus === "paused") {
    return <Notice title={t("trouble.offline")}>{t("trouble.offlineText")}</Notice>;
  }
  return (
    <div aria-busy="true">
      <span className="sr-only" role="status">
        {t("loading")}
      </span>
      {loading}
    </div>
  );
}
