import { useTranslation } from "react-i18next";

import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

export function EmptyCart({ onLeave }: { onLeave?: () => void }) {
  const { t } = useTranslation();
  return (
    <Notice
      title={t("cart.empty")}
      action={
        <ButtonLink to="/products" {...(onLeave && { onClick: onLeave })}>
          {t("cart.browse")}
        </ButtonLink>
      }
    >
      {t("cart.emptyText")}
    </Notice>
  );
}
