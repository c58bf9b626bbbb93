import { Skeleton } from "@/components/ui/skeleton";

export function ProductDetailsSkeleton() {
  return (
    <>
      <Skeleton className="mb-4 h-6 w-64 sm:mb-6" />
      <div className="grid gap-8 md:grid-cols-2 md:gap-12 lg:gap-20">
        <Skeleton className="aspect-square rounded-tile!" />
        <div className="flex flex-col gap-6 md:py-4">
          <Skeleton className="h-10 w-4/5" />
          <Skeleton className="h-8 w-1/3" />
          <Skeleton className="h-26 w-full rounded-3xl!" />
          <Skeleton className="h-32 w-full" />
        </div>
      </div>
    </>
  );
}
