import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { text } from "@/components/ui/form-text";

export interface Address {
  name: string;
  street: string;
  postcode: string;
  city: string;
}

const fields = [
  ["name", "name"],
  ["street", "street-address"],
  ["postcode", "postal-code"],
  ["city", "address-level2"],
] as const;

interface AddressStepProps {
  address: Address | undefined;
  onDone: (address: Address) => void;
}

export function AddressStep({ address, onDone }: AddressStepProps) {
  const { t } = useTranslation();
  return (
    <form
      className="grid gap-4 sm:grid-cols-[9rem_1fr]"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        onDone({
          name: text(form, "name").trim(),
          street: text(form, "street").trim(),
          postcode: text(form, "postcode").trim(),
          city: text(form, "city").trim(),
        });
      }}
    >
      {fields.map(([field, autoComplete]) => (
        <div key={field} className={field === "name" || field === "street" ? "sm:col-span-2" : ""}>
          <Field
            id={field}
            name={field}
            label={t(`checkout.${field}`)}
            autoComplete={autoComplete}
            // Something that is not a space: an address of blanks delivers nowhere.
            pattern=".*\S.*"
            maxLength={120}
            required
            defaultValue={address?.[field]}
          />
        </div>
      ))}
      <Button type="submit" look="accent" className="mt-2 sm:col-span-2">
        {t("checkout.toDelivery")}
      </Button>
    </form>
  );
}
