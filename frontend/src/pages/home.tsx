import { CategoryTiles } from "@/components/home/category-tiles";
import { Hero } from "@/components/home/hero";
import { PageRails } from "@/components/recommendations/page-rails";
import { DemoShoppers } from "@/components/shoppers/demo-shoppers";
import { useTranslation } from "@/hooks/use-translation";
import { useHomeLists } from "@/services/recommendations";
import { shop } from "@/services/shop";
import { usePersonalizationEnabled, useShopperName } from "@/services/shoppers";

export default function HomePage() {
  const { t } = useTranslation();
  const name = useShopperName();
  const lists = useHomeLists();
  return (
    <>
      <title>{shop.name}</title>
      <div className="grid grid-cols-1 gap-10 sm:gap-16">
        <div className="grid grid-cols-1 gap-8 lg:grid-cols-2 lg:items-center lg:gap-12">
          <Hero
            name={name}
            isPersonalized={lists.query.data?.[0]?.personalized ?? false}
            personalizationEnabled={usePersonalizationEnabled()}
          />
          <DemoShoppers title={t("demo.title")} text={t("demo.text")} />
        </div>
        <PageRails lists={lists} fallback={{}} skeletons={3} eager />
        <CategoryTiles />
      </div>
    </>
  );
}
