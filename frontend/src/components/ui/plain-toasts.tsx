import { useEffect } from "react";

import type { ToastListProps } from "@/components/ui/toaster";

/** Messages in their simplest form, for when the code of the usual one cannot be fetched. */
export function PlainToasts({ messages, onClosed }: ToastListProps) {
  return (
    <div role="status" className="fixed inset-x-4 bottom-4 z-50 mx-auto grid max-w-md gap-2 sm:right-4 sm:left-auto sm:mx-0 sm:w-96">
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
    <p className="flex items-center gap-3 rounded-2xl bg-ink px-4 py-3 text-sm text-paper shadow-lg">
      <span className="flex-1">{text}</span>
      {action !== undefined && (
        <button type="button" onClick={action.run} className="font-semibold underline underline-offset-4">
          {action.label}
        </button>
      )}
    </p>
  );
}
