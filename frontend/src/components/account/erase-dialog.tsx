import * as Dialog from "@radix-ui/react-dialog";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { readText } from "@/components/ui/form-data";
import { useReturnFocus } from "@/hooks/use-return-focus";
import { useTranslation } from "@/hooks/use-translation";
import { useEraseData } from "@/services/my-data";

interface EraseDialogProps {
  /** A shopper with an account must enter the password. */
  requiresPassword: boolean;
  onClose: () => void;
  onErased: () => void;
}

export default function EraseDialog({ requiresPassword, onClose, onErased }: EraseDialogProps) {
  const { t } = useTranslation();
  const erase = useEraseData(onErased);
  const focus = useReturnFocus();
  return (
    <Dialog.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-[fade-in_0.2s] bg-[rgb(8_14_17/0.55)]" />
        <Dialog.Content {...focus} className="fixed top-1/2 left-1/2 z-40 w-[min(28rem,calc(100%-2rem))] -translate-1/2 rounded-tile bg-paper p-6 shadow-2xl outline-none sm:p-8 forced-colors:border">
          <Dialog.Title className="text-xl">{t("data.eraseTitle")}</Dialog.Title>
          <Dialog.Description className="mt-2 text-sm text-muted">{t("data.eraseText")}</Dialog.Description>
          <form
            className="mt-5 grid gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              const password = readText(new FormData(event.currentTarget), "password");
              erase.mutate(requiresPassword ? password : undefined);
            }}
          >
            {requiresPassword && (
              <Field
                id="erase-password"
                name="password"
                type="password"
                label={t("data.erasePassword")}
                autoComplete="current-password"
                required
              />
            )}
            {erase.isError && (
              <p role="alert" className="rounded-lg bg-danger-soft px-3 py-2 text-sm text-danger forced-colors:border">
                {erase.error.message}
              </p>
            )}
            <div className="flex flex-wrap gap-3">
              <Button variant="outline" className="flex-1" onClick={onClose}>
                {t("data.keep")}
              </Button>
              <Button type="submit" className="flex-1" busy={erase.isPending}>
                {t("data.eraseConfirm")}
              </Button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
