import { useTranslation } from "react-i18next";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { readText } from "@/components/ui/form-data";

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
          name: readText(form, "name").trim(),
          street: readText(form, "street").trim(),
          postcode: readText(form, "postcode").trim(),
          city: readText(form, "city").trim(),
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
            // At least one character that is not a space.
            pattern=".*\S.*"
            maxLength={120}
            required
            defaultValue={address?.[field]}
          />
        </div>
      ))}
      <Button type="submit" variant="accent" className="mt-2 sm:col-span-2">
        {t("checkout.toDelivery")}
      </Button>
    </form>
  );
}
