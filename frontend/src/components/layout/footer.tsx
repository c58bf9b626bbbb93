import { useTranslation } from "@/hooks/use-translation";
import { shop } from "@/services/shop";

const link = "inline-flex min-h-11 items-center underline-offset-4 hover:underline";

/** The shop's own links; a demonstration says that it is one and leads behind the scenes. */
export function Footer() {
  const { t } = useTranslation();
  const demoLinks = [
    { label: t("footer.api"), url: "/api/docs/" },
    { label: t("footer.admin"), url: "/admin/" },
  ];
  return (
    <footer className="mt-20 border-t border-line">
      <div className="page flex flex-col gap-3 py-8 text-sm text-muted sm:flex-row sm:items-center sm:justify-between">
        <p className="max-w-prose">{shop.is_demo ? t("footer.promise") : shop.name}</p>
        <p className="flex flex-wrap gap-x-6">
          {[...shop.links, ...(shop.is_demo ? demoLinks : [])].map(({ label, url }) => (
            <a key={label} href={url} className={link}>
              {label}
            </a>
          ))}
        </p>
      </div>
    </footer>
  );
}
