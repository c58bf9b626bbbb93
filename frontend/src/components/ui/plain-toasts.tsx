import { useEffect } from "react";

import type { ToastListProps } from "@/components/ui/toaster";

/**
 * Where messages are: they cover no button of the cart, which ends at the bottom and, on wide
 * screens, at the right. On phones they are at the top, elsewhere at the bottom left.
 */
export const toastsClassName =
  "fixed inset-x-4 top-16 z-50 mx-auto flex max-w-md flex-col gap-2 outline-none sm:top-auto sm:right-auto sm:bottom-4 sm:mx-0 sm:w-96";

/** Messages in their simplest form, until the code of the usual one has come. */
export function PlainToasts({ messages, onClosed }: ToastListProps) {
  return (
    <div role="status" className={toastsClassName}>
      {messages.map((message) => (
        <PlainToast
          key={message.id}
          message={message}
          onClose={() => {
            onClosed(message.id);
          }}
        />
      ))}
    </div>
  );
}

function PlainToast({ message, onClose }: { message: ToastListProps["messages"][number]; onClose: () => void }) {
  const { id, text, action, milliseconds = 5000 } = message;
  useEffect(() => {
    const timer = setTimeout(onClose, milliseconds);
    return () => {
      clearTimeout(timer);
    };
    // The message is shown once, however often its list is rendered.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [id]);
  return (
    <p className="flex items-center gap-3 rounded-2xl bg-ink px-4 py-3 text-sm text-paper shadow-lg forced-colors:border">
      <span className="min-w-0 flex-1 wrap-anywhere">{text}</span>
      {action !== undefined && (
        <button type="button" onClick={action.run} className="font-semibold underline underline-offset-4">
          {action.label}
        </button>
      )}
    </p>
  );
}
