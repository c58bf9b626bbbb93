import "@/styles.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";

import { initLanguage } from "@/i18n";
import { preloadPages, routes } from "@/routes";
import { hydrateQueries } from "@/services/hydration";
import { createQueryClient } from "@/services/query-client";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root.");

// The scripts have just run: the browser gets a turn before they do more.
await new Promise((resolve) => setTimeout(resolve));
const queryClient = createQueryClient();
hydrateQueries(queryClient);

// Scroll positions are kept by the key of a history entry. Entries that a typed address or a link
// from elsewhere makes have none: without this they would all share one position.
if (history.state === null) history.replaceState({ key: crypto.randomUUID() }, "");
const router = createBrowserRouter(routes);
const pageFetched = new Promise<void>((resolve) => {
  if (router.state.initialized) {
    resolve();
    return;
  }
  // Without subscribers the router keeps updates for <RouterProvider>, so this one must leave.
  const unsubscribe = router.subscribe(({ initialized }) => {
    if (!initialized) return;
    unsubscribe();
    resolve();
  });
});
// What the server rendered stays until React can render all of it at once.
await Promise.all([initLanguage(), pageFetched]);
// React renders a transition in slices, so the page answers its reader in between.
startTransition(() => {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
});

window.addEventListener("load", () => {
  setTimeout(() => void preloadPages(), 4000);
});
