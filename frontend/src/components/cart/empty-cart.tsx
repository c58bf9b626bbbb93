import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useTranslation } from "@/hooks/use-translation";

interface EmptyCartProps {
  /** What to say; by default, that the cart waits for products. */
  text?: string;
  onNavigate?: () => void;
}

export function EmptyCart({ text, onNavigate }: EmptyCartProps) {
  const { t } = useTranslation();
  return (
    <Notice
      title={t("cart.empty")}
      action={
        <ButtonLink to="/products" {...(onNavigate && { onClick: onNavigate })}>
          {t("cart.browse")}
        </ButtonLink>
      }
    >
      {text ?? t("cart.emptyText")}
    </Notice>
  );
}
