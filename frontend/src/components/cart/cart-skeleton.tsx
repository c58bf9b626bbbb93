import { Skeleton } from "@/components/ui/skeleton";

export function CartSkeleton({ className = "" }: { className?: string }) {
  return (
    <div className={className}>
      {Array.from({ length: 3 }, (_, position) => (
        <div key={position} className="flex gap-4 py-4">
          <Skeleton className="size-20 rounded-xl!" />
          <div className="flex-1">
            <Skeleton className="h-4 w-4/5" />
            <Skeleton className="mt-8 h-4 w-1/3" />
          </div>
        </div>
      ))}
    </div>
  );
}
