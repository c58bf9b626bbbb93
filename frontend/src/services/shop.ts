/** What a shop sets about itself. */
interface ShopSettings {
  name: string;
  /** The language for browsers that ask for none of the storefront's. */
  language: "en" | "de";
  /** How many decimals an amount in the currency has. */
  decimals: number;
  currency: string;
  links: { label: string; url: string }[];
  is_demo: boolean;
  /** Whether the shop has a mail server. */
  sends_mail: boolean;
}

const text = document.getElementById("shop-settings")?.textContent;

/** The settings that the server wrote into the page; Vite's own server writes none. */
export const shop: ShopSettings = text
  ? (JSON.parse(text) as ShopSettings)
  : { name: "Magpie", language: "en", decimals: 2, currency: "USD", links: [], is_demo: true, sends_mail: true };
