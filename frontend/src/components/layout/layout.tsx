import { useEffect, useRef, useState } from "react";
import { Outlet, ScrollRestoration, useNavigate } from "react-router";

import { CategoryBar } from "@/components/layout/category-bar";
import { Footer } from "@/components/layout/footer";
import { Header } from "@/components/layout/header";
import { NavigationProgress } from "@/components/layout/navigation-progress";
import { PageName } from "@/components/layout/page-name";
import { StatusBanner } from "@/components/layout/status-banner";
import { LikedProducts } from "@/components/products/liked-products";
import { lazyPart } from "@/components/ui/lazy-part";
import { Toaster } from "@/components/ui/toaster";
import { useEventDelivery } from "@/hooks/use-event-delivery";
import { useFocusRescue } from "@/hooks/use-focus-rescue";
import { usePageFocus } from "@/hooks/use-page-focus";
import { useScrollRetry } from "@/hooks/use-scroll-retry";
import { useTranslation } from "@/hooks/use-translation";

interface CartDrawerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

const CartDrawer = lazyPart<CartDrawerProps>(
  () => import("@/components/cart/cart-drawer"),
  CartPageInstead,
  EmptyDrawer,
);

/** Where the drawer's code cannot be fetched, the cart opens as a page. */
function CartPageInstead({ open, onOpenChange }: CartDrawerProps) {
  const navigate = useNavigate();
  useEffect(() => {
    if (!open) return;
    onOpenChange(false);
    void navigate("/cart");
  }, [open, onOpenChange, navigate]);
  return null;
}

function EventDelivery() {
  useEventDelivery();
  return null;
}

/** The drawer while its code is on the way, which may take long: it can be closed again. */
function EmptyDrawer({ open, onOpenChange }: CartDrawerProps) {
  const { t } = useTranslation();
  return open ? (
    <div
      aria-busy="true"
      className="fixed inset-y-0 right-0 z-40 w-full max-w-md animate-[slide-in_0.28s_var(--ease-calm)] bg-paper p-4 text-right shadow-2xl forced-colors:border-x"
    >
      <button
        type="button"
        onClick={() => {
          onOpenChange(false);
        }}
        className="min-h-11 px-3 text-sm"
      >
        {t("close")}
      </button>
    </div>
  ) : null;
}

/** The header, the footer and the drawer around every page. */
export function Layout() {
  const { t } = useTranslation();
  const [cart, setCart] = useState<"unopened" | "open" | "closed">("unopened");
  const main = useRef<HTMLElement>(null);
  useScrollRetry();
  usePageFocus(main);
  useFocusRescue();
  return (
    <Toaster>
      <NavigationProgress />
      <PageName />
      <EventDelivery />
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
        <StatusBanner />
        {/* At least as tall as the window, so that the footer does not jump when the page renders. */}
        <main
          ref={main}
          id="content"
          tabIndex={-1}
          className="page min-h-dvh flex-1 pt-6 outline-none sm:pt-10"
        >
          <LikedProducts>
            <Outlet />
          </LikedProducts>
        </main>
        <Footer />
      </div>
      <ScrollRestoration />
      {cart !== "unopened" && (
        <CartDrawer
          open={cart === "open"}
          onOpenChange={(open) => {
            setCart(open ? "open" : "closed");
          }}
        />
      )}
    </Toaster>
  );
}
