import type { components } from "./schema";

type Schemas = components["schemas"];

export type ProductCard = Schemas["ProductCard"];
export type Category = Schemas["Category"];
export type Product = Schemas["Product"];
export type RecommendationList = Schemas["RecommendationList"];
export type NamedList = Schemas["NamedList"];
export type Recommendation = Schemas["Recommendation"];
export type Cart = Schemas["Cart"];
export type CartLine = Schemas["CartItem"];
export type Variant = Schemas["Variant"];
export type Order = Schemas["Order"];
export type OrderLine = Schemas["OrderLine"];
export type Me = Schemas["Me"];
export type InteractionType = Schemas["InteractionRequest"]["interaction_type"];
