import { useTranslation } from "react-i18next";

import { ApiError } from "@/services/client";

/** Word why the shop refused what was entered about an account, and what would do. */
export function useFormError(): (error: Error) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return error.message;
    if (error.code === "username_taken") return t("refusal.taken");
    const [field] = error.fields;
    if (field === "password") return t("refusal.password");
    if (field === "username") return t("refusal.username");
    if (field === "email") return t("refusal.email");
    return error.message;
  };
}
