import { type ReactNode, useCallback, useMemo, useState } from "react";

import { lazyPart } from "@/components/ui/lazy-part";
import { PlainToasts } from "@/components/ui/plain-toasts";
import { type ShownToast, ToastContext, type ToastMessage } from "@/hooks/use-toast";

export interface ToastListProps {
  messages: ShownToast[];
  onClosed: (id: string) => void;
}

const ToastList = lazyPart<ToastListProps>(() => import("@/components/ui/toast-list"), PlainToasts, PlainToasts);

/** Holds the messages of `useToast`. The component that shows them best is loaded with the first one. */
export function Toaster({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<ShownToast[]>();
  const show = useCallback((message: ToastMessage) => {
    setMessages((shown = []) => [...shown.slice(-2), { ...message, id: crypto.randomUUID() }]);
  }, []);
  const clear = useCallback(() => {
    setMessages((shown) => shown && []);
  }, []);
  const toast = useMemo(() => ({ show, clear }), [show, clear]);
  return (
    <ToastContext value={toast}>
      {children}
      {messages !== undefined && (
        <ToastList
          messages={messages}
          onClosed={(closed) => {
            setMessages((shown = []) => shown.filter(({ id }) => id !== closed));
          }}
        />
      )}
    </ToastContext>
  );
}
