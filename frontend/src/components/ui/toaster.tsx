import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from "react";

import { type ShownToast, ToastContext, type ToastMessage } from "@/hooks/use-toast";

const ToastList = lazy(() => import("@/components/ui/toast-list"));

/** Holds the messages of `useToast`. The component that shows them is loaded with the first one. */
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
            onClosed={(closed) => {
              setMessages((shown = []) => shown.filter(({ id }) => id !== closed));
            }}
          />
        </Suspense>
      )}
    </ToastContext>
  );
}
