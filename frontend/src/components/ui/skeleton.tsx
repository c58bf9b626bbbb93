/** A grey stand-in with the size of what is coming; screen readers skip it. */
export function Skeleton({ className = "" }: { className?: string }) {
  return <div aria-hidden="true" className={`shimmer rounded-md ${className}`} />;
}
