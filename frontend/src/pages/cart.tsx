import { CartLines } from "@/components/cart/cart-lines";
import { CartSkeleton } from "@/components/cart/cart-skeleton";
import { CartTotal } from "@/components/cart/cart-total";
import { EmptyCart } from "@/components/cart/empty-cart";
import { PageRails } from "@/components/recommendations/page-rails";
import { HomeRail } from "@/components/recommendations/home-rail";
import { ButtonLink } from "@/components/ui/button";
import { QueryStates } from "@/components/ui/query-states";
import { useTranslation } from "@/hooks/use-translation";
import { useCart } from "@/services/cart";
import { useCartLists } from "@/services/recommendations";

export default function CartPage() {
  const { t } = useTranslation();
  const cart = useCart();
  const inCart = (cart.data?.items ?? []).map(({ product }) => product.id);
  const lists = useCartLists(inCart);
  const isOffline = cart.data === undefined && cart.fetchStatus === "paused";
  return (
    <>
      <title>{t("title", { page: t("cart.title") })}</title>
      <h1 className="mb-6 text-2xl sm:text-3xl">{t("cart.title")}</h1>
      <QueryStates
        query={cart}
        loading={<CartSkeleton className="max-w-2xl" />}
        empty={{ when: (data) => data.items.length === 0, show: <EmptyCart /> }}
      >
        {(data) => (
          <div className="grid gap-10 lg:grid-cols-[1fr_22rem]">
            <CartLines cart={data} />
            <div className="grid content-start gap-4 self-start rounded-tile border border-line bg-surface p-6">
              <p className="text-sm text-muted">{t("cart.items", { count: data.item_count })}</p>
              <CartTotal cart={data} />
              <ButtonLink to="/checkout">{t("cart.checkout")}</ButtonLink>
            </div>
          </div>
        )}
      </QueryStates>
      {cart.data?.items.length === 0 && <HomeRail />}
      {/* Without a network, the notice above speaks for the shelves too: they follow the cart. */}
      {cart.data?.items.length !== 0 && !isOffline && (
        <div className="mt-16 grid grid-cols-1 gap-14">
          <PageRails lists={lists} fallback={{}} exclude={inCart} />
        </div>
      )}
    </>
  );
}
