import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ReactNode, StrictMode } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";

import { Toaster } from "@/components/ui/toaster";
import { routes } from "@/routes";
import { createQueryClient } from "@/services/query-client";

function impatientClient() {
  const client = createQueryClient();
  const { queries, mutations } = client.getDefaultOptions();
  client.setDefaultOptions({
    queries: { ...queries, retryDelay: 1 },
    mutations: { ...mutations, retryDelay: 1 },
  });
  return client;
}

/** Render the whole shop at an address. */
export function renderShop(address: string) {
  const router = createMemoryRouter(routes, { initialEntries: [address] });
  render(
    <StrictMode>
      <QueryClientProvider client={impatientClient()}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
  return { user: userEvent.setup(), router };
}

/** Render one component with what it needs around it. */
export function renderPart(part: ReactNode) {
  const router = createMemoryRouter([{ path: "*", element: <Toaster>{part}</Toaster> }]);
  render(
    <QueryClientProvider client={impatientClient()}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { user: userEvent.setup(), router };
}
