import { useEffect } from "react";
import { Link } from "react-router";

import { CartLines } from "@/components/cart/cart-lines";
import { CartSkeleton } from "@/components/cart/cart-skeleton";
import { CartTotal } from "@/components/cart/cart-total";
import { EmptyCart } from "@/components/cart/empty-cart";
import { ButtonLink } from "@/components/ui/button";
import { Drawer } from "@/components/ui/drawer";
import { QueryStates } from "@/components/ui/query-states";
import { useToast } from "@/hooks/use-toast";
import { useTranslation } from "@/hooks/use-translation";
import { useCart } from "@/services/cart";

interface CartDrawerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** The cart in a drawer beside the page; its code is loaded when it is first opened. */
export default function CartDrawer({ open, onOpenChange }: CartDrawerProps) {
  const { t } = useTranslation();
  const cart = useCart();
  const toast = useToast();
  useEffect(() => {
    if (open) toast.clear();
  }, [open, toast]);
  const close = () => {
    onOpenChange(false);
  };
  return (
    <Drawer side="right" title={t("cart.title")} open={open} onOpenChange={onOpenChange}>
      <QueryStates
        query={cart}
        loading={<CartSkeleton className="px-5" />}
        empty={{
          when: (data) => data.items.length === 0,
          show: (
            <div className="p-5">
              <EmptyCart onNavigate={close} />
            </div>
          ),
        }}
      >
        {(data) => (
          <>
            <div className="flex-1 overflow-y-auto px-5">
              <CartLines cart={data} onNavigate={close} />
            </div>
            <div className="grid gap-3 border-t border-line px-5 py-4">
              <CartTotal cart={data} />
              <ButtonLink to="/checkout" onClick={close}>
                {t("cart.checkout")}
              </ButtonLink>
              <Link
                to="/cart"
                onClick={close}
                className="inline-flex min-h-11 items-center justify-center text-sm underline underline-offset-4"
              >
                {t("cart.page")}
              </Link>
            </div>
          </>
        )}
      </QueryStates>
    </Drawer>
  );
}
