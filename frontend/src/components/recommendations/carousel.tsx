import { ChevronLeft, ChevronRight } from "lucide-react";
import { type ReactNode, type Ref, useId, useRef } from "react";

import { IconButton } from "@/components/ui/button";
import { UpdateButton } from "@/components/recommendations/update-button";
import { Skeleton } from "@/components/ui/skeleton";
import { useOverflow } from "@/hooks/use-overflow";
import { useTranslation } from "@/hooks/use-translation";

interface CarouselProps {
  /** Undefined while the list is loading. */
  title: string | undefined;
  note?: string | undefined;
  /** Shows what has changed since; undefined if nothing has. */
  onUpdate?: (() => void) | undefined;
  ref?: Ref<HTMLElement>;
  children: ReactNode;
}

/** A titled row that scrolls sideways, by swiping, by keyboard or by its arrow buttons. */
export function Carousel({ title, note, onUpdate, ref, children }: CarouselProps) {
  const { t } = useTranslation();
  const heading = useId();
  const headline = useRef<HTMLHeadingElement>(null);
  const row = useRef<HTMLDivElement>(null);
  const { canScrollBack, canScrollForward } = useOverflow(row);
  const scroll = (direction: 1 | -1) => {
    row.current?.scrollBy({ left: direction * row.current.clientWidth * 0.8, behavior: "smooth" });
  };
  const update = (show: () => void) => {
    // The button goes away; the keyboard stays with the rail, and the page where it is.
    headline.current?.focus({ preventScroll: true });
    if (row.current !== null) row.current.scrollLeft = 0;
    show();
  };
  return (
    <section ref={ref} aria-labelledby={heading} className="render-near-viewport [contain-intrinsic-block-size:auto_24rem]">
      <div className="relative mb-4 flex items-end justify-between gap-4">
        <div>
          <h2 ref={headline} id={heading} tabIndex={-1} className="text-xl sm:text-2xl">
            {title ?? (
              <>
                <span className="sr-only">{t("loading")}</span>
                <Skeleton className="h-[1.25em] w-44" />
              </>
            )}
          </h2>
          {note !== undefined && note !== "" && <p className="mt-1 text-sm text-muted">{note}</p>}
        </div>
        <div className={canScrollBack || canScrollForward ? "-mb-1.5 hidden sm:flex" : "hidden"}>
          <IconButton
            label={t("rail.previous", { rail: title ?? "" })}
            disabled={!canScrollBack}
            onClick={() => {
              scroll(-1);
            }}
          >
            <ChevronLeft aria-hidden="true" size={20} />
          </IconButton>
          <IconButton
            label={t("rail.next", { rail: title ?? "" })}
            disabled={!canScrollForward}
            onClick={() => {
              scroll(1);
            }}
          >
            <ChevronRight aria-hidden="true" size={20} />
          </IconButton>
        </div>
        {title !== undefined && <UpdateButton rail={title} onUpdate={onUpdate && (() => { update(onUpdate); })} />}
      </div>
      <div ref={row} className="-m-1 overflow-x-auto scroll-smooth p-1 [scrollbar-width:none]">
        {children}
      </div>
    </section>
  );
}

/**
 * Columns so wide that a part of the next product is visible, which shows that the row scrolls.
 *
 * The browser paints the products beyond only when the row is scrolled near them.
 */
export const carouselRow =
  "grid grid-flow-col justify-start gap-4 sm:gap-5 " +
  "auto-cols-[44%] sm:auto-cols-[28.5%] md:auto-cols-[22.5%] lg:auto-cols-[calc((100%-5*1.25rem)/5.5)] " +
  "max-sm:*:nth-[n+4]:render-near-viewport sm:*:nth-[n+7]:render-near-viewport";
