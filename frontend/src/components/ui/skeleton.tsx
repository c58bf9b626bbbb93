/** A grey placeholder of the size of what is loading; screen readers skip it. */
export function Skeleton({ className = "" }: { className?: string }) {
  return <div aria-hidden="true" className={`shimmer rounded-md ${className}`} />;
}
