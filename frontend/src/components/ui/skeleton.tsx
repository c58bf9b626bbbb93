interface SkeletonProps {
  className?: string;
  /** Whether it is a part of something that pulses as one: each animation is a layer of its own. */
  still?: boolean;
}

/** A grey placeholder of the size of what is loading; screen readers skip it. */
export function Skeleton({ className = "", still = false }: SkeletonProps) {
  return <div aria-hidden="true" className={`rounded-md bg-sunken forced-colors:border ${still ? "" : "pulse"} ${className}`} />;
}
