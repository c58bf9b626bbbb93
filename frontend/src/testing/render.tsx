import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ReactNode, StrictMode } from "react";
import { createMemoryRouter, MemoryRouter, type RouteObject, RouterProvider } from "react-router";

import { LikedProducts } from "@/components/products/liked-products";
import { Toaster } from "@/components/ui/toaster";
import { Translated } from "@/components/ui/translated";
import { useEventDelivery } from "@/hooks/use-event-delivery";
import { routes } from "@/routes";
import { createQueryClient } from "@/services/query-client";

/** A query client as in the shop, whose retries come after a millisecond. */
function createFastRetryClient() {
  const client = createQueryClient();
  const { queries, mutations } = client.getDefaultOptions();
  client.setDefaultOptions({
    queries: { ...queries, retryDelay: 1 },
    mutations: { ...mutations, retryDelay: 1 },
  });
  return client;
}

/** The shop's routes, empty until the first page is fetched: `main.tsx` renders only then. */
const testRoutes = routes.map(
  (route): RouteObject => ({ ...route, hydrateFallbackElement: <></> }),
);

/** Render the whole shop at an address; `router.state.location` is the address it is at later. */
export function renderShop(address: string) {
  const router = createMemoryRouter(testRoutes, { initialEntries: [address] });
  render(
    <StrictMode>
      <QueryClientProvider client={createFastRetryClient()}>
        <Translated>
          <RouterProvider router={router} />
        </Translated>
      </QueryClientProvider>
    </StrictMode>,
  );
  return { user: userEvent.setup(), router };
}

function EventDelivery() {
  useEventDelivery();
  return null;
}

/** Render one component with what it needs around it. */
export function renderComponent(component: ReactNode) {
  render(
    <QueryClientProvider client={createFastRetryClient()}>
      <MemoryRouter>
        <Toaster>
          <EventDelivery />
          <LikedProducts>{component}</LikedProducts>
        </Toaster>
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return { user: userEvent.setup() };
}
