import { useEffect, useState } from "react";

const timeoutMilliseconds = 1500;

/** Whether something has been waited for longer than a shopper should notice. */
export function useTimedOut(waiting: boolean): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!waiting) return;
    const timer = setTimeout(() => {
      setOver(true);
    }, timeoutMilliseconds);
    return () => {
      clearTimeout(timer);
      setOver(false);
    };
  }, [waiting]);
  return over;
}
