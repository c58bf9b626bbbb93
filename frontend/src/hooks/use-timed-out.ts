import { useEffect, useState } from "react";

const timeoutMilliseconds = 1500;

/** Whether `waiting` has been true for one and a half seconds. */
export function useTimedOut(waiting: boolean): boolean {
  const [timedOut, setTimedOut] = useState(false);
  useEffect(() => {
    if (!waiting) return;
    const timer = setTimeout(() => {
      setTimedOut(true);
    }, timeoutMilliseconds);
    return () => {
      clearTimeout(timer);
      setTimedOut(false);
    };
  }, [waiting]);
  return timedOut;
}
