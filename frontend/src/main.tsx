import "@/styles.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";

import { initLanguage } from "@/i18n";
import { preloadParts } from "@/components/ui/lazy-part";
import { Translated } from "@/components/ui/translated";
import { routes } from "@/routes";
import { hydrateQueries } from "@/services/hydration";
import { createQueryClient } from "@/services/query-client";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root.");

// A page without a part of its style sheet is better than no page.
window.addEventListener("vite:preloadError", (event) => {
  if (event.payload.message.startsWith("Unable to preload CSS")) event.preventDefault();
});

// Let the browser paint and handle input before the scripts go on.
await new Promise((resolve) => setTimeout(resolve));
const queryClient = createQueryClient();
hydrateQueries(queryClient);

// The router stores scroll positions by the key of the history entry. Entries of a typed address or
// an external link have no key; without one they would all share one position.
if (history.state === null) history.replaceState({ key: crypto.randomUUID() }, "");
const router = createBrowserRouter(routes);
const pageFetched = new Promise<void>((resolve) => {
  if (router.state.initialized) {
    resolve();
    return;
  }
  // The router holds updates back for <RouterProvider> only while it has no subscriber.
  const unsubscribe = router.subscribe(({ initialized }) => {
    if (!initialized) return;
    unsubscribe();
    resolve();
  });
});
// What the server rendered stays until React can render all of it at once.
await Promise.all([initLanguage(), pageFetched]);
// React renders a transition in slices, so the page stays responsive in between.
startTransition(() => {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <Translated>
          <RouterProvider router={router} />
        </Translated>
      </QueryClientProvider>
    </StrictMode>,
  );
});

// The page may have been loaded long before all this ran.
const preloadLater = () => setTimeout(() => void preloadParts(), 4000);
if (document.readyState === "complete") preloadLater();
else window.addEventListener("load", preloadLater);
