import { useState } from "react";

import { Button } from "@/components/ui/button";
import { describeError, Field, fieldClassName, FieldFrame } from "@/components/ui/field";
import { readText } from "@/components/ui/form-data";
import { useTranslation } from "@/hooks/use-translation";
import { type Address, readDraft, saveDraft } from "@/services/checkout-draft";
import { guessCountry, listCountries } from "@/services/countries";
import { useMe } from "@/services/shoppers";

const fields = [
  ["email", "email", 254],
  ["name", "name", 100],
  ["street", "street-address", 120],
  ["postcode", "postal-code", 12],
  ["city", "address-level2", 80],
] as const;
const names = [...fields.map(([name]) => name), "country" as const];

/** The fields of the address among those that the server names, such as `delivery/city`. */
export const findAddressFields = (pointers: readonly string[]): string[] =>
  names.filter((name) => pointers.some((pointer) => pointer.split("/").at(-1) === name));

/** Whether an order can go to this address; shoppers with an account may leave out the mail address. */
export const isComplete = (address: Partial<Address> | undefined): address is Address =>
  address !== undefined && names.every((name) => name === "email" || (address[name] ?? "") !== "");

interface AddressStepProps {
  /** The fields that the server did not accept. */
  refused: readonly string[];
  onDone: () => void;
}

/** Asks where the order goes. What is typed is kept at once, so that a reload loses nothing. */
export function AddressStep({ refused, onDone }: AddressStepProps) {
  const { t, language } = useTranslation();
  const me = useMe().data;
  const [kept] = useState(() => readDraft().address ?? {});
  const [wrong, setWrong] = useState(refused);
  const explain = (name: keyof Address) => (wrong.includes(name) ? t(`checkout.wrong.${name}`) : undefined);
  const isWrong = (name: keyof Address, value: string) => {
    if (name !== "email") return value === "";
    return value === "" ? me?.is_authenticated !== true : !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value);
  };
  const read = (form: HTMLFormElement): Address => {
    const data = new FormData(form);
    return Object.fromEntries(names.map((name) => [name, readText(data, name).trim()])) as unknown as Address;
  };
  return (
    <form
      noValidate
      className="grid gap-4 sm:grid-cols-[9rem_1fr]"
      onInput={(event) => {
        saveDraft({ address: read(event.currentTarget), sent: undefined });
      }}
      onSubmit={(event) => {
        event.preventDefault();
        const address = read(event.currentTarget);
        saveDraft({ address });
        const found = names.filter((name) => isWrong(name, address[name]));
        setWrong(found);
        if (found[0] === undefined) onDone();
        else (event.currentTarget.elements.namedItem(found[0]) as HTMLElement).focus();
      }}
    >
      {fields.map(([name, autoComplete, maxLength]) => (
        <div key={name} className={name === "postcode" || name === "city" ? "" : "sm:col-span-2"}>
          <Field
            id={name}
            name={name}
            type={name === "email" ? "email" : "text"}
            label={t(`checkout.${name === "email" && me?.is_authenticated === true ? "memberEmail" : name}`)}
            autoComplete={autoComplete}
            maxLength={maxLength}
            required={name !== "email" || me?.is_authenticated !== true}
            defaultValue={kept[name]}
            error={explain(name)}
          />
        </div>
      ))}
      <div className="sm:col-span-2">
        <FieldFrame id="country" label={t("checkout.country")} error={explain("country")}>
          <select
            id="country"
            name="country"
            autoComplete="country"
            required
            defaultValue={kept.country ?? guessCountry()}
            className={fieldClassName}
            {...describeError("country", explain("country"))}
          >
            <option value="">{t("checkout.chooseCountry")}</option>
            {listCountries(language).map(({ code, name }) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        </FieldFrame>
      </div>
      <Button type="submit" variant="accent" className="mt-2 sm:col-span-2">
        {t("checkout.toDelivery")}
      </Button>
    </form>
  );
}
