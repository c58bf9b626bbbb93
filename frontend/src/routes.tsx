import type { ComponentType } from "react";
import type { RouteObject } from "react-router";

import { Layout } from "@/components/layout/layout";
import { ErrorPage } from "@/pages/error";

type LoadPage = () => Promise<{ default: ComponentType }>;

/** Every page of the shop by its path; the server has the same list in `views/pages.py`. */
const pages = {
  "": () => import("@/pages/home"),
  products: () => import("@/pages/listing"),
  "category/:category": () => import("@/pages/listing"),
  search: () => import("@/pages/search"),
  "product/:id": () => import("@/pages/product"),
  cart: () => import("@/pages/cart"),
  checkout: () => import("@/pages/checkout"),
  "order/:id": () => import("@/pages/confirmation"),
  "sign-in": () => import("@/pages/sign-in"),
  register: () => import("@/pages/register"),
  "forgotten-password": () => import("@/pages/forgotten-password"),
  "reset-password": () => import("@/pages/reset-password"),
  account: () => import("@/pages/account"),
  "*": () => import("@/pages/not-found"),
} satisfies Record<string, LoadPage>;

const pageRoutes = Object.entries<LoadPage>(pages).map(
  ([path, load]): RouteObject => ({
    ...(path === "" ? { index: true } : { path }),
    lazy: async () => ({ Component: (await load()).default }),
  }),
);

/** Pages are fetched when they are first visited. If a page fails, the layout stays. */
export const routes: RouteObject[] = [
  {
    element: <Layout />,
    errorElement: (
      <main className="page">
        <ErrorPage />
      </main>
    ),
    children: [{ errorElement: <ErrorPage />, children: pageRoutes }],
  },
];

/** Fetch the pages not visited yet, so that they open at once, even without a network. */
export async function preloadPages(): Promise<void> {
  await Promise.allSettled(Object.values<LoadPage>(pages).map((load) => load()));
}
