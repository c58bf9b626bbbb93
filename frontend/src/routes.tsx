import { type ComponentType, lazy } from "react";
import { Route, Routes } from "react-router";

import { Layout } from "@/components/layout/layout";

type Page = () => Promise<{ default: ComponentType }>;

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
  account: () => import("@/pages/account"),
  "*": () => import("@/pages/not-found"),
} satisfies Record<string, Page>;

/** Each page is fetched when it is first visited. */
const routes = Object.entries<Page>(pages).map(([path, load]) => {
  const Shown = lazy(load);
  return <Route key={path} {...(path === "" ? { index: true } : { path })} element={<Shown />} />;
});

export function Shop() {
  return (
    <Routes>
      <Route element={<Layout />}>{routes}</Route>
    </Routes>
  );
}

/** Fetch the pages not seen yet, so that they open at once, even where the network has gone. */
export async function fetchPages(): Promise<void> {
  await Promise.allSettled(Object.values<Page>(pages).map((load) => load()));
}
