import type { ComponentType } from "react";
import type { RouteObject } from "react-router";

import { Layout } from "@/components/layout/layout";
import { ErrorPage } from "@/pages/error";

/** Each page is fetched when it is first visited. */
const page = (load: () => Promise<{ default: ComponentType }>) => async () => ({
  Component: (await load()).default,
});

export const routes: RouteObject[] = [
  {
    Component: Layout,
    ErrorBoundary: ErrorPage,
    HydrateFallback: () => null,
    children: [
      { index: true, lazy: page(() => import("@/pages/home")) },
      { path: "products", lazy: page(() => import("@/pages/listing")) },
      { path: "category/:category", lazy: page(() => import("@/pages/listing")) },
      { path: "search", lazy: page(() => import("@/pages/search")) },
      { path: "product/:id", lazy: page(() => import("@/pages/product")) },
      { path: "cart", lazy: page(() => import("@/pages/cart")) },
      { path: "checkout", lazy: page(() => import("@/pages/checkout")) },
      { path: "order/:id", lazy: page(() => import("@/pages/confirmation")) },
      { path: "sign-in", lazy: page(() => import("@/pages/sign-in")) },
      { path: "account", lazy: page(() => import("@/pages/account")) },
      { path: "*", lazy: page(() => import("@/pages/not-found")) },
    ],
  },
];
