import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { useToast } from "@/hooks/use-toast";
import { newEvent, useRecordInteraction } from "@/services/events";
import type { ProductCard } from "@/services/types";

const likesKey = ["likes"];

/** Whether the shopper liked the product in this visit, and how to; taken back if it fails. */
export function useLike(product: Pick<ProductCard, "id">): { liked: boolean; like: () => void } {
  const { t } = useTranslation();
  const toast = useToast();
  const queryClient = useQueryClient();
  const record = useRecordInteraction();
  const likes = useQuery<number[]>({ queryKey: likesKey, queryFn: () => [], staleTime: Infinity });
  const liked = likes.data?.includes(product.id) ?? false;

  const like = () => {
    if (liked) return;
    queryClient.setQueryData<number[]>(likesKey, (ids = []) => [...ids, product.id]);
    record.mutate(newEvent(product.id, "like"), {
      onSuccess: () => {
        toast.show({ text: t("toast.liked") });
      },
      onError: (error) => {
        queryClient.setQueryData<number[]>(likesKey, (ids = []) =>
          ids.filter((id) => id !== product.id),
        );
        toast.show({ text: t("toast.failed", { message: error.message }) });
      },
    });
  };
  return { liked, like };
}
