import { useTranslation } from "react-i18next";

import { CategoryTiles } from "@/components/home/category-tiles";
import { Hero } from "@/components/home/hero";
import { ProductRow, Rail, ShelfSkeleton } from "@/components/recommendations/rail";
import { Shelf } from "@/components/recommendations/shelf";
import { useListWords } from "@/components/recommendations/use-list-words";
import { DemoShoppers } from "@/components/shoppers/demo-shoppers";
import { QueryFaces } from "@/components/ui/query-faces";
import { useOutOfPatience } from "@/hooks/use-patience";
import { useNewArrivals, useRecentlyViewed } from "@/services/products";
import { useForYou, usePopular, useTrending } from "@/services/recommendations";
import { useShopperName } from "@/services/shoppers";

export default function HomePage() {
  const { t } = useTranslation();
  const name = useShopperName();
  const forYou = useForYou();
  const trending = useTrending();
  const outOfPatience = useOutOfPatience(forYou.isPending);
  const waiting = forYou.isPending && !outOfPatience;
  // Who is not known yet gets the trending list first; showing it twice would say nothing new.
  const trendingIsFirst = forYou.data?.source === "trending";
  const popular = usePopular(trendingIsFirst);
  const newest = useNewArrivals();
  const recent = useRecentlyViewed();
  const { title, note } = useListWords();

  return (
    <>
      <title>{t("shop")}</title>
      <div className="grid grid-cols-1 gap-14 sm:gap-16">
        <div className="grid grid-cols-1 gap-10 lg:grid-cols-2 lg:items-center lg:gap-12">
          <Hero name={name} />
          <DemoShoppers title={t("demo.title")} text={t("demo.text")} />
        </div>
        {(forYou.isSuccess || waiting) && (
          <Rail query={forYou} title={title} note={note} eager />
        )}
        {recent.data !== undefined && recent.data.products.length > 0 && (
          <Shelf title={t("rail.recent")}>
            <ProductRow products={recent.data.products} />
          </Shelf>
        )}
        {waiting ? (
          <Shelf title={undefined}>
            <ShelfSkeleton lines={3} />
          </Shelf>
        ) : trendingIsFirst ? (
          <Rail query={popular} title={() => t("rail.popular")} note={note} />
        ) : (
          <Rail query={trending} title={() => t("rail.trending")} note={note} />
        )}
        <Shelf title={t("rail.newest")}>
          <QueryFaces query={newest} loading={<ShelfSkeleton />}>
            {(data) => <ProductRow products={data.results} />}
          </QueryFaces>
        </Shelf>
        <CategoryTiles />
      </div>
    </>
  );
}
