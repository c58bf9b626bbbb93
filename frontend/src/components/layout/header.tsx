import { Moon, ShoppingBag, Sun, User } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";

import { SearchBox } from "@/components/layout/search-box";
import { Wordmark } from "@/components/layout/wordmark";
import { IconButton } from "@/components/ui/button";
import { useMissingScript } from "@/hooks/use-missing-script";
import { useTheme } from "@/hooks/use-theme";
import { useTranslation } from "@/hooks/use-translation";
import { languages, changeLanguage } from "@/i18n";
import { useCart } from "@/services/cart";
import { useShopperName } from "@/services/shoppers";

export function Header({ onOpenCart }: { onOpenCart: () => void }) {
  const { t, language } = useTranslation();
  const other = language === "de" ? "en" : "de";
  const explainMissingScript = useMissingScript();
  const [isSwitching, setSwitching] = useState(false);
  const switchLanguage = async () => {
    setSwitching(true);
    try {
      await changeLanguage(other);
    } catch {
      await explainMissingScript();
    } finally {
      setSwitching(false);
    }
  };
  const { theme, toggle } = useTheme();
  const count = useCart().data?.item_count ?? 0;
  const name = useShopperName();
  return (
    <header className="page flex flex-wrap items-center gap-x-4 gap-y-3 py-3 sm:flex-nowrap sm:gap-x-8 sm:py-4">
      <Link to="/" aria-label={t("header.home")} className="rounded-lg">
        <Wordmark />
      </Link>
      <div className="order-last flex w-full justify-center sm:order-none sm:flex-1">
        <SearchBox />
      </div>
      <div className="ml-auto -mr-2 flex items-center">
        <IconButton label={languages[other]} lang={other} busy={isSwitching} onClick={() => void switchLanguage()}>
          <span aria-hidden="true" className="text-xs font-semibold tracking-wide uppercase">
            {other}
          </span>
        </IconButton>
        <IconButton label={t(theme === "dark" ? "header.toLight" : "header.toDark")} onClick={toggle}>
          {theme === "dark" ? <Sun aria-hidden="true" size={19} /> : <Moon aria-hidden="true" size={19} />}
        </IconButton>
        {name === null && (
          <Link
            to="/sign-in"
            className="hidden min-h-11 items-center rounded-full px-3 text-sm font-medium hover:bg-sunken md:flex"
          >
            {t("header.signIn")}
          </Link>
        )}
        {/* Visitors have likes, orders and data of their own, too. */}
        <Link
          to="/account"
          className="flex min-h-11 items-center gap-2 rounded-full px-3 text-sm font-medium hover:bg-sunken"
        >
          <User aria-hidden="true" size={19} />
          <span className={name === null ? "sr-only" : "sr-only max-w-32 truncate md:not-sr-only"}>
            {name ?? t("header.account")}
          </span>
        </Link>
        <IconButton label={t("header.cart", { count })} aria-haspopup="dialog" onClick={onOpenCart}>
          <ShoppingBag aria-hidden="true" size={20} />
          {count > 0 && (
            <span
              aria-hidden="true"
              className="absolute top-0.5 right-0 grid h-5 min-w-5 place-items-center rounded-full bg-accent px-1 text-xs font-bold text-on-accent tabular-nums forced-colors:border"
            >
              {count}
            </span>
          )}
        </IconButton>
      </div>
    </header>
  );
}
