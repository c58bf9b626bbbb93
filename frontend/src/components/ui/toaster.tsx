import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from "react";

import { type ShownToast, ToastContext, type ToastMessage } from "@/hooks/use-toast";

const ToastList = lazy(() => import("@/components/ui/toast-list"));

/** Holds what `useToast` says. What shows it is loaded with the first message. */
export function Toaster({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<ShownToast[]>();
  const show = useCallback((message: ToastMessage) => {
    setMessages((shown = []) => [...shown.slice(-2), { ...message, id: crypto.randomUUID() }]);
  }, []);
  const toast = useMemo(() => ({ show }), [show]);
  return (
    <ToastContext value={toast}>
      {children}
      {messages !== undefined && (
        <Suspense>
          <ToastList
            messages={messages}
            onGone={(gone) => {
              setMessages((shown = []) => shown.filter(({ id }) => id !== gone));
            }}
          />
        </Suspense>
      )}
    </ToastContext>
  );
}
