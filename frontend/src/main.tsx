import "@/styles.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";

import { ErrorBoundary } from "@/components/ui/error-boundary";
import { initLanguage } from "@/i18n";
import { ErrorPage } from "@/pages/error";
import { fetchPage, fetchPages, Shop } from "@/routes";
import { hydrateQueries } from "@/services/hydration";
import { createQueryClient } from "@/services/query-client";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root.");

// The scripts have just run; the browser has a turn before they do more.
await new Promise((turn) => setTimeout(turn));
const queryClient = createQueryClient();
hydrateQueries(queryClient);
// What the server drew stays until all of it can be drawn again in one go.
await Promise.all([initLanguage(), fetchPage(window.location.pathname)]);
// A transition is drawn in slices, between which the browser answers its reader.
startTransition(() => {
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary fallback={<ErrorPage />}>
        <QueryClientProvider client={queryClient}>
          <BrowserRouter>
            <Shop />
          </BrowserRouter>
        </QueryClientProvider>
      </ErrorBoundary>
    </StrictMode>,
  );
});

window.addEventListener("load", () => {
  setTimeout(() => void fetchPages(), 4000);
});
