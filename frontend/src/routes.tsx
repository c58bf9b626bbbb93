import { type ComponentType, lazy } from "react";
import { matchRoutes, Route, Routes } from "react-router";

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
  "forgotten-password": () => import("@/pages/forgotten-password"),
  "reset-password": () => import("@/pages/reset-password"),
  account: () => import("@/pages/account"),
  "*": () => import("@/pages/not-found"),
} satisfies Record<string, Page>;

/** Each page is fetched when it is first visited; one that is there already is drawn at once. */
const shown = Object.entries<Page>(pages).map(([path, load]) => {
  let Loaded: ComponentType | undefined;
  const fetchIt = async () => {
    const page = await load();
    Loaded = page.default;
    return page;
  };
  const Lazy = lazy(fetchIt);
  const Shown = () => (Loaded === undefined ? <Lazy /> : <Loaded />);
  return { path, fetchIt, element: <Shown /> };
});

const routes = shown.map(({ path, element }) => (
  <Route key={path} {...(path === "" ? { index: true } : { path })} element={element} />
));

export function Shop() {
  return (
    <Routes>
      <Route element={<Layout />}>{routes}</Route>
    </Routes>
  );
}

/** Fetch the page at an address, so that it can be drawn at once. */
export async function fetchPage(address: string): Promise<void> {
  const [found] = matchRoutes(shown, address) ?? [];
  // What cannot be fetched now is asked for again when it is drawn, and says so where it fails.
  await Promise.allSettled([found?.route.fetchIt()]);
}

/** Fetch the pages not seen yet, so that they open at once, even where the network has gone. */
export async function fetchPages(): Promise<void> {
  await Promise.allSettled(shown.map(({ fetchIt }) => fetchIt()));
}
