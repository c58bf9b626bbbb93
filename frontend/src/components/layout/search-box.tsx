import { Search } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";

import { text } from "@/components/ui/form-text";

/** The search field of the header; the words live in the address. */
export function SearchBox() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const words = parameters.get("q") ?? "";

  const search = (form: FormData) => {
    const entered = text(form, "q").trim();
    if (entered !== "") void navigate(`/search?${new URLSearchParams({ q: entered })}`);
  };

  return (
    <form
      role="search"
      key={words}
      onSubmit={(event) => {
        event.preventDefault();
        search(new FormData(event.currentTarget));
      }}
      className="relative w-full max-w-xl"
    >
      <label htmlFor="search" className="sr-only">
        {t("header.search")}
      </label>
      <input
        id="search"
        name="q"
        type="search"
        required
        maxLength={200}
        autoComplete="off"
        enterKeyHint="search"
        defaultValue={words}
        placeholder={t("header.search")}
        className="h-11 w-full rounded-full border border-transparent bg-sunken pr-12 pl-5 text-sm placeholder:text-muted focus:border-line focus:bg-surface"
      />
      <button
        type="submit"
        aria-label={t("header.searchButton")}
        className="absolute inset-y-0 right-0 grid w-12 place-items-center rounded-full text-muted hover:text-ink"
      >
        <Search aria-hidden="true" size={18} />
      </button>
    </form>
  );
}
