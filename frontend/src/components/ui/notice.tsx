import type { ReactNode } from "react";

interface NoticeProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  tone?: "neutral" | "error";
}

/** A message in the place of content, with a next step. */
export function Notice({ title, children, action, tone = "neutral" }: NoticeProps) {
  return (
    <div
      role={tone === "error" ? "alert" : undefined}
      className="flex flex-col items-start gap-3 rounded-tile border border-line bg-surface p-6 sm:p-8"
    >
      <p className="font-display text-lg font-semibold wrap-anywhere">{title}</p>
      {children !== undefined && <div className="max-w-prose text-sm text-muted wrap-anywhere">{children}</div>}
      {action}
    </div>
  );
}
