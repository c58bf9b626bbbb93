import "@/styles.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";

import { ErrorBoundary } from "@/components/ui/error-boundary";
import { startLanguage } from "@/i18n";
import { ErrorPage } from "@/pages/error";
import { fetchPages, Shop } from "@/routes";
import { createQueryClient } from "@/services/query-client";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root.");

await startLanguage();
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary fallback={<ErrorPage />}>
      <QueryClientProvider client={createQueryClient()}>
        <BrowserRouter>
          <Shop />
        </BrowserRouter>
      </QueryClientProvider>
    </ErrorBoundary>
  </StrictMode>,
);

window.addEventListener("load", () => {
  setTimeout(() => void fetchPages(), 4000);
});
