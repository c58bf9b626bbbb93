import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useTranslation } from "@/hooks/use-translation";

export function EmptyCart({ onNavigate }: { onNavigate?: () => void }) {
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
      {t("cart.emptyText")}
    </Notice>
  );
}
