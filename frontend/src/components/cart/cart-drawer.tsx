import * as Dialog from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import { useEffect } from "react";
import { Link } from "react-router";

import { CartLines } from "@/components/cart/cart-lines";
import { CartSkeleton } from "@/components/cart/cart-skeleton";
import { CartTotal } from "@/components/cart/cart-total";
import { EmptyCart } from "@/components/cart/empty-cart";
import { ButtonLink } from "@/components/ui/button";
import { QueryStates } from "@/components/ui/query-states";
import { useReturnFocus } from "@/hooks/use-return-focus";
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
  const focus = useReturnFocus();
  const toast = useToast();
  useEffect(() => {
    if (open) toast.clear();
  }, [open, toast]);
  const close = () => {
    onOpenChange(false);
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-[fade-in_0.2s] bg-[rgb(8_14_17/0.55)]" />
        <Dialog.Content
          {...focus}
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-40 flex w-full max-w-md animate-[slide-in_0.28s_var(--ease-calm)] flex-col bg-paper shadow-2xl outline-none"
        >
          <div className="flex items-center justify-between border-b border-line px-5 py-3">
            <Dialog.Title className="text-lg">{t("cart.title")}</Dialog.Title>
            <Dialog.Close
              aria-label={t("close")}
              className="-mr-2 grid size-11 place-items-center rounded-full hover:bg-sunken"
            >
              <X aria-hidden="true" size={20} />
            </Dialog.Close>
          </div>
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
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
