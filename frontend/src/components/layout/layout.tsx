import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, ScrollRestoration } from "react-router";

import { CategoryBar } from "@/components/layout/category-bar";
import { Footer } from "@/components/layout/footer";
import { Header } from "@/components/layout/header";
import { OfflineBanner } from "@/components/layout/offline-banner";
import { Toaster } from "@/components/ui/toaster";
import { useEventDelivery } from "@/hooks/use-event-delivery";
import { useScrollRetry } from "@/hooks/use-scroll-retry";

const CartDrawer = lazy(() => import("@/components/cart/cart-drawer"));

/** The header, the footer and the drawer around every page. */
export function Layout() {
  const { t } = useTranslation();
  const [cart, setCart] = useState<"unopened" | "open" | "closed">("unopened");
  useEventDelivery();
  useScrollRetry();
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
        <OfflineBanner />
        {/* At least as tall as the window, so that the footer does not jump when the page renders. */}
        <main
          id="content"
          tabIndex={-1}
          className="page min-h-dvh flex-1 pt-6 outline-none sm:pt-10"
        >
          <Outlet />
        </main>
        <Footer />
      </div>
      <ScrollRestoration />
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
    </Toaster>
  );
}
