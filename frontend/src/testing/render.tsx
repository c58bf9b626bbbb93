import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ReactNode, StrictMode, useLayoutEffect } from "react";
import { type Location, MemoryRouter, useLocation } from "react-router";

import { Toaster } from "@/components/ui/toaster";
import { useEventDelivery } from "@/hooks/use-event-delivery";
import { Shop } from "@/routes";
import { createQueryClient } from "@/services/query-client";

function createFastRetryClient() {
  const client = createQueryClient();
  const { queries, mutations } = client.getDefaultOptions();
  client.setDefaultOptions({
    queries: { ...queries, retryDelay: 1 },
    mutations: { ...mutations, retryDelay: 1 },
  });
  return client;
}

/** The address that the shop is at. */
interface Place {
  location: Location;
}

function Watch({ onMove }: { onMove: (location: Location) => void }) {
  const location = useLocation();
  useLayoutEffect(() => {
    onMove(location);
  });
  return null;
}

/** Render the whole shop at an address. */
export function renderShop(address: string) {
  const place: Partial<Place> = {};
  render(
    <StrictMode>
      <QueryClientProvider client={createFastRetryClient()}>
        <MemoryRouter initialEntries={[address]}>
          <Shop />
          <Watch
            onMove={(location) => {
              place.location = location;
            }}
          />
        </MemoryRouter>
      </QueryClientProvider>
    </StrictMode>,
  );
  return { user: userEvent.setup(), place: place as Place };
}

function Delivery({ children }: { children: ReactNode }) {
  useEventDelivery();
  return <Toaster>{children}</Toaster>;
}

/** Render one component with what it needs around it. */
export function renderComponent(part: ReactNode) {
  render(
    <QueryClientProvider client={createFastRetryClient()}>
      <MemoryRouter>
        <Delivery>{part}</Delivery>
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return { user: userEvent.setup() };
}
