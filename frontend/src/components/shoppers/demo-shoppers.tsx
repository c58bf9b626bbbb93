import { useNavigate } from "react-router";

import { BareButton } from "@/components/ui/button";
import { useToast } from "@/hooks/use-toast";
import { useTranslation } from "@/hooks/use-translation";
import { useDemoShoppers, useMe, useSignInAs } from "@/services/shoppers";

interface DemoShoppersProps {
  title: string;
  text: string;
}

/** Sample shoppers to sign in as, with their tastes. Renders nothing in a shop without them. */
export function DemoShoppers({ title, text }: DemoShoppersProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const navigate = useNavigate();
  const shoppers = useDemoShoppers();
  const me = useMe();
  const signIn = useSignInAs();
  if (shoppers.data === undefined || shoppers.data.shoppers.length === 0) return null;
  return (
    <section aria-label={title} className="min-w-0">
      <h2 className="text-base">{title}</h2>
      <p className="mt-0.5 text-sm text-muted">{text}</p>
      <ul className="-m-1 mt-3 grid auto-cols-[78%] grid-flow-col gap-2 overflow-x-auto p-1 [scrollbar-width:none] sm:grid-flow-row sm:auto-cols-auto sm:grid-cols-2">
        {shoppers.data.shoppers.map((shopper) => {
          const current = me.data?.user_id === shopper.user_id;
          return (
            <li key={shopper.user_id}>
              <BareButton
                disabled={signIn.isPending || current}
                busy={signIn.isPending && signIn.variables === shopper.user_id}
                onClick={() => {
                  signIn.mutate(shopper.user_id, {
                    onSuccess: () => {
                      toast.show({ text: t("toast.signedIn", { name: shopper.name }) });
                      void navigate("/");
                    },
                    onError: (error) => {
                      toast.show({ text: t("toast.failed", { message: error.message }) });
                    },
                  });
                }}
                className="relative flex h-full w-full items-center gap-3 rounded-2xl border border-line bg-surface p-3 text-left transition-colors hover:border-accent aria-disabled:hover:border-line aria-[current=true]:border-accent forced-colors:aria-[current=true]:border-[Highlight]"
                aria-current={current ? "true" : undefined}
              >
                <span
                  aria-hidden="true"
                  className="grid size-10 shrink-0 place-items-center rounded-full bg-accent-soft font-display font-semibold text-accent"
                >
                  {shopper.name.slice(0, 1)}
                </span>
                <span className="min-w-0">
                  <span className="block text-sm font-semibold">
                    <span className="sr-only">{t("demo.signInAs", { name: shopper.name })}</span>
                    <span aria-hidden="true">{shopper.name}</span>
                    {current && <span className="text-accent"> · {t("demo.current")}</span>}
                  </span>
                  <span className="block text-xs text-muted">{shopper.taste}</span>
                </span>
              </BareButton>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
