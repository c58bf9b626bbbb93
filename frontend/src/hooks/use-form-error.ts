import { useTranslation } from "@/hooks/use-translation";
import { ApiError } from "@/services/client";

/** Return a function that explains why the server rejected a form, and what it would accept. */
export function useFormError(): (error: Error) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return error.message;
    if (error.code === "username_taken") return t("formError.taken");
    const [field] = error.fields;
    if (field === "password") return t("formError.password");
    if (field === "username") return t("formError.username");
    if (field === "email") return t("formError.email");
    return error.message;
  };
}
