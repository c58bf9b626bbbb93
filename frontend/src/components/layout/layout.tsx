import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, ScrollRestoration } from "react-router";

import { CategoryBar } from "@/components/layout/category-bar";
import { Footer } from "@/components/layout/footer";
import { Header } from "@/components/layout/header";
import { Toaster } from "@/components/ui/toaster";

const CartDrawer = lazy(() => import("@/components/cart/cart-drawer"));

/** What stands around every page. */
export function Layout() {
  const { t } = useTranslation();
  const [cart, setCart] = useState<"unopened" | "open" | "closed">("unopened");
  return (
    <Toaster>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-3 focus:rounded-full focus:bg-ink focus:px-5 focus:py-3 focus:text-paper"
      >
        {t("skip")}
      </a>
      <div className="flex min-h-dvh flex-col">
        <Header
          onOpenCart={() => {
            setCart("open");
          }}
        />
        <CategoryBar />
        <main id="content" tabIndex={-1} className="page flex-1 pt-6 outline-none sm:pt-10">
          <Outlet />
        </main>
        <Footer />
      </div>
      {cart !== "unopened" && (
        <Suspense>
          <CartDrawer
            open={cart === "open"}
            onOpenChange={(open) => {
              setCart(open ? "open" : "closed");
            }}
          />
        </Suspense>
      )}
      <ScrollRestoration />
    </Toaster>
  );
}
