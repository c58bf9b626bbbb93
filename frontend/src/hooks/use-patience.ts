import { useEffect, useState } from "react";

const patienceMilliseconds = 1500;

/** Whether something has been waited for longer than a shopper should notice. */
export function useOutOfPatience(waiting: boolean): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!waiting) return;
    const timer = setTimeout(() => {
      setOver(true);
    }, patienceMilliseconds);
    return () => {
      clearTimeout(timer);
      setOver(false);
    };
  }, [waiting]);
  return over;
}
