import type { ComponentType } from "react";
import type { RouteObject } from "react-router";

import { Layout } from "@/components/layout/layout";
import { lazyPart } from "@/components/ui/lazy-part";
import { ErrorPage } from "@/pages/error";
import { MissingScriptPage } from "@/pages/missing-script";

type LoadPage = () => Promise<{ default: ComponentType }>;

/** Every page of the shop by its path; the server has the same list in `views/pages.py`. */
const pages = {
  "": () => import("@/pages/home"),
  products: () => import("@/pages/listing"),
  "category/*": () => import("@/pages/listing"),
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
  ([path, load]): RouteObject => {
    const Page = lazyPart(load, MissingScriptPage);
    return {
      ...(path === "" ? { index: true } : { path }),
      errorElement: <ErrorPage />,
      // Never rejects: the router would keep the failure, and each visit would fail again.
      lazy: async () => ({ Component: (await Page.load()) ?? Page }),
    };
  },
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
    children: pageRoutes,
  },
];
