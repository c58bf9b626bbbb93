import * as Dialog from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";

import { IconButton } from "@/components/ui/button";
import { useReturnFocus } from "@/hooks/use-return-focus";
import { useTranslation } from "@/hooks/use-translation";

const sides = {
  left: "left-0",
  right: "right-0 animate-[slide-in_0.28s_var(--ease-calm)]",
};

interface DrawerProps {
  side: keyof typeof sides;
  title: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  children: ReactNode;
}

/** A dialog at one side of the window and as tall as it, with a title and a button that closes it. */
export function Drawer({ side, title, open, onOpenChange, children }: DrawerProps) {
  const { t } = useTranslation();
  const focus = useReturnFocus();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-[fade-in_0.2s] bg-[rgb(8_14_17/0.55)]" />
        <Dialog.Content
          {...focus}
          aria-describedby={undefined}
          className={`fixed inset-y-0 z-40 flex w-full max-w-md flex-col bg-paper shadow-2xl outline-none forced-colors:border-x ${sides[side]}`}
        >
          <div className="flex items-center justify-between border-b border-line px-5 py-3">
            <Dialog.Title className="text-lg">{title}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label={t("close")} className="-mr-2">
                <X aria-hidden="true" size={20} />
              </IconButton>
            </Dialog.Close>
          </div>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
