import * as Toast from "@radix-ui/react-toast";
import { X } from "lucide-react";

import { toastsClassName } from "@/components/ui/plain-toasts";
import type { ToastListProps } from "@/components/ui/toaster";
import { useTranslation } from "@/hooks/use-translation";

/** Messages, each for five seconds. Screen readers read them out. */
export default function ToastList({ messages, onClosed }: ToastListProps) {
  const { t } = useTranslation();
  return (
    <Toast.Provider duration={5000} label={t("toast.label")}>
      {messages.map((message) => (
        <Toast.Root
          key={message.id}
          {...(message.milliseconds !== undefined && { duration: message.milliseconds })}
          onOpenChange={(open) => {
            if (!open) onClosed(message.id);
          }}
          className="flex items-center gap-3 rounded-2xl bg-ink py-2 pr-2 pl-4 text-sm text-paper shadow-lg forced-colors:border data-[state=open]:animate-[rise-in_0.25s_var(--ease-calm)]"
        >
          <Toast.Title className="min-w-0 flex-1 wrap-anywhere">{message.text}</Toast.Title>
          {message.action !== undefined && (
            <Toast.Action
              altText={message.action.label}
              onClick={message.action.run}
              className="min-h-9 rounded-full px-3 font-semibold underline underline-offset-4"
            >
              {message.action.label}
            </Toast.Action>
          )}
          <Toast.Close
            aria-label={t("close")}
            className="grid size-9 shrink-0 place-items-center rounded-full opacity-70 hover:opacity-100"
          >
            <X aria-hidden="true" size={16} />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className={toastsClassName} />
    </Toast.Provider>
  );
}
