import { type Query, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { type ReactNode, useState } from "react";

import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useTranslation } from "@/hooks/use-translation";

interface QueryStatesProps<Data> {
  query: UseQueryResult<Data>;
  loading: ReactNode;
  empty?: { when: (data: Data) => boolean; show: ReactNode };
  children: (data: Data) => ReactNode;
}

/**
 * Renders a query in its four states: loading (or paused without a network), error with a retry, empty, and data.
 *
 * An error stays on screen while the query is sent again, so that it is not read out each time.
 */
export function QueryStates<Data>({ query, loading, empty, children }: QueryStatesProps<Data>) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [lastError, setLastError] = useState(query.error);
  if (query.error !== null && query.error !== lastError) setLastError(query.error);
  if (query.data !== undefined) {
    return empty?.when(query.data) ? empty.show : children(query.data);
  }
  // Another query, as that of the next product, has not failed yet.
  const error = query.errorUpdateCount > 0 && query.fetchStatus !== "paused" ? (query.error ?? lastError) : null;
  if (error !== null) {
    return (
      <Notice
        tone="error"
        title={t("failure.title")}
        action={
          <Button
            variant="outline"
            busy={query.isFetching}
            onClick={() => {
              // Queries seldom fail alone: retry every one that failed.
              const hasFailed = ({ state }: Query) => state.status === "error";
              void queryClient.refetchQueries({ type: "active", predicate: hasFailed });
            }}
          >
            <RotateCw aria-hidden="true" size={16} />
            {t("failure.retry")}
          </Button>
        }
      >
        {error.message}
      </Notice>
    );
  }
  if (query.fetchStatus === "paused") {
    return <Notice title={t("failure.offline")}>{t("failure.offlineText")}</Notice>;
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
