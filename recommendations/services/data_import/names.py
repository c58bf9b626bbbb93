"""The usual names of columns, and how a name is compared with them."""

import re
from collections.abc import Mapping
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^\w]+|_+")


@lru_cache(maxsize=4096)
def normalise(name: str) -> str:
    """Return a column's name as names are compared: "Variant Price", "variantPrice" are one."""
    return _OTHER.sub("_", _CAMEL.sub("_", name.strip())).strip("_").lower()


PRODUCT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("id", "product_id", "item_id", "article_id", "productid", "itemid", "prod_id"),
        *("article_number", "item_number", "product_number", "artikelnummer", "artikel_nr"),
        *("product_code", "item_code", "code", "handle", "url_handle", "sku", "asin", "mpn"),
        *("ean", "gtin", "referencia", "reference", "internal_reference", "default_code"),
        *("external_id", "product_sku", "item_sku", "product_code_sku"),
    ),
    "name": (
        *("name", "title", "product_name", "item_name", "product_title", "prod_name"),
        *("productname", "label", "bezeichnung", "artikelbezeichnung", "produktname", "titel"),
        *("nom", "titre", "nombre", "titulo", "nome", "display_name"),
    ),
    "description": (
        *("description", "body_html", "body", "long_description", "product_description"),
        *("description_html", "beschreibung", "langbeschreibung", "descripcion", "descrizione"),
        *("details", "content"),
    ),
    "short_description": (
        *("short_description", "summary", "excerpt", "kurzbeschreibung", "subtitle"),
    ),
    "category": (
        *("category", "categories", "category_path", "product_category", "product_type"),
        *("category_name", "product_categories", "google_product_category", "kategorie"),
        *("kategorien", "categorie", "categoria", "breadcrumb", "breadcrumbs", "department"),
        *("genres", "genre", "category_code", "warengruppe", "produktgruppe", "artikelgruppe"),
        *("sortiment", "product_group", "category_text", "categorytext", "categoryname", "type"),
    ),
    "brand": (
        *("brand", "brand_name", "vendor", "manufacturer", "marke", "hersteller", "marque"),
        *("marca", "make"),
    ),
    "price": (
        *("price", "unit_price", "selling_price", "current_price", "final_price"),
        *("price_tax_included", "price_tax_incl", "price_incl_tax", "price_with_tax", "preis"),
        *("verkaufspreis", "prix", "precio", "prezzo", "variant_price", "amount", "price_value"),
        *("price_tax_excluded", "price_tax_excl", "bruttopreis", "product_price", "item_price"),
        *(
            "sales_price",
            "price_vat",
            "price_gross",
            "gross_price",
            "preis_brutto",
            "vk_preis",
            "vk",
        ),
    ),
    "sale_price": (
        *("sale_price", "special_price", "discount_price", "discounted_price", "offer_price"),
        *("promo_price", "promotional_price", "reduced_price", "angebotspreis", "aktionspreis"),
    ),
    "regular_price": (
        *("regular_price", "list_price", "compare_at_price", "original_price", "old_price"),
        *("was_price", "msrp", "rrp", "retail_price", "uvp", "listenpreis", "normal_price"),
        *("price_before_discount", "full_price", "strike_price", "variant_compare_at_price"),
    ),
    "cost": (
        *("cost", "cost_price", "unit_cost", "cost_per_item", "cost_per_unit", "variant_cost"),
        *("cost_of_goods", "cost_of_goods_sold", "cogs", "purchase_price", "purchasing_price"),
        *("buying_price", "landed_cost", "average_cost", "einkaufspreis", "ek_preis", "ek"),
        *("ek_netto", "einstandspreis", "selbstkosten", "prix_achat", "prix_d_achat", "coste"),
        *("precio_coste", "precio_de_coste", "costo", "prezzo_acquisto", "prezzo_di_acquisto"),
        *("inkoopprijs",),
    ),
    "sale_starts_at": (
        *("sale_starts_at", "sale_start", "sale_starts", "special_price_from_date"),
        *("date_sale_price_starts", "special_from_date", "sale_from", "discount_from"),
        *("date_on_sale_from", "sale_start_date", "special_from"),
    ),
    "sale_ends_at": (
        *("sale_ends_at", "sale_end", "sale_ends", "special_price_to_date"),
        *("date_sale_price_ends", "special_to_date", "sale_to", "discount_to"),
        *("date_on_sale_to", "sale_end_date", "special_to"),
    ),
    "sale_is_on": (
        *("on_sale", "is_on_sale", "onsale", "sale_active", "is_sale_active", "sale_enabled"),
        *("special_price_active", "is_special", "discount_active", "is_discounted"),
    ),
    "sale_dates": ("sale_price_effective_date",),
    "currency": ("currency", "currency_code", "price_currency", "waehrung", "währung"),
    "stock": (
        *("stock", "quantity", "qty", "inventory", "inventory_quantity", "inventory_qty"),
        *("stock_quantity", "stock_qty", "stock_level", "quantity_available", "available_quantity"),
        *("qty_available", "quantity_in_stock", "units_in_stock", "on_hand", "stock_on_hand"),
        *("variant_inventory_qty", "variant_inventory_quantity", "lagerbestand", "bestand"),
        *("menge", "lager", "existencias", "giacenza", "quantite", "quantité", "cantidad"),
        *("available_stock", "pieces", "stk", "current_stock", "current_stock_level"),
        *("quantity_on_hand", "qty_on_hand", "stock_count", "stock_available", "free_stock"),
        *("lagermenge", "verfügbare_menge", "verfuegbare_menge", "quantity_available_for_sale"),
    ),
    "is_counted": (
        *("track_inventory", "tracks_inventory", "track_stock", "manage_stock", "stock_managed"),
        *("is_stock_managed", "inventory_tracking", "inventory_tracked", "stock_tracking"),
        *("track_quantity", "tracked"),
    ),
    "availability": (
        *("availability", "in_stock", "is_in_stock", "stock_status", "available"),
        *("is_available", "instock", "verfuegbarkeit", "verfügbarkeit", "disponibilite"),
        *("stock_availability",),
    ),
    "status": (
        *("status", "product_status", "post_status", "state", "item_status", "listing_status"),
        *("lifecycle", "lifecycle_status", "lifecycle_state", "sales_status", "article_status"),
        *("publication_status", "publish_status", "produktstatus", "artikelstatus"),
    ),
    "published": (
        *("published", "is_published", "published_on_online_store", "product_online", "publish"),
        *("online", "active", "is_active", "enabled", "is_enabled", "for_sale", "is_visible"),
        *("visible", "aktiv", "active_0_1", "on_sale_online", "listed", "is_listed"),
        *("is_for_sale", "sellable", "is_sellable", "show_online", "is_online", "is_live", "live"),
        *("is_listed_online", "purchasable", "is_purchasable", "is_buyable", "orderable"),
        *("veröffentlicht", "freigegeben", "sichtbar", "allow_purchases", "can_be_sold"),
        *("sale_ok", "saleable", "is_saleable", "salable", "is_salable", "for_sale_online"),
    ),
    "visibility": ("visibility", "visibility_in_catalog", "catalog_visibility"),
    "hidden": (
        *("hidden", "is_hidden", "disabled", "is_disabled", "archived", "is_archived"),
        *("deleted", "is_deleted", "discontinued", "is_discontinued", "draft", "is_draft"),
        *("inactive", "is_inactive", "unpublished", "is_unpublished", "removed", "is_removed"),
        *("blocked", "is_blocked", "is_locked", "retired", "is_retired", "obsolete"),
        *("is_obsolete", "withdrawn", "is_withdrawn", "delisted", "is_delisted", "not_for_sale"),
        *("soft_deleted", "deleted_flag", "suppressed", "deactivated", "is_deactivated"),
        *("is_private", "is_trashed", "end_of_life", "is_eol", "eol", "gesperrt", "geloescht"),
        *("gelöscht", "versteckt", "inaktiv", "ausgelaufen", "archiviert", "deaktiviert"),
    ),
    "available_from": (
        *("available_from", "available_on", "available_since", "publish_at", "publish_on"),
        *("publish_from", "publish_start", "publish_date", "published_at", "published_on"),
        *("published_date", "date_published", "valid_from", "on_sale_from", "sellable_from"),
        *("sell_start_date", "launch_date", "launch_at", "launched_at", "go_live_at"),
        *("go_live_date", "live_from", "online_from", "online_since", "active_from"),
        *("visible_from", "start_selling_at", "verfügbar_ab", "verfuegbar_ab"),
        *("veröffentlicht_am", "gültig_ab", "gueltig_ab"),
    ),
    "available_until": (
        *("available_until", "available_to", "available_till", "publish_to", "publish_until"),
        *("publish_end", "unpublish_at", "unpublish_on", "unpublished_at", "unpublished_on"),
        *("valid_to", "valid_until", "valid_through", "expires_at", "expires_on", "expired_at"),
        *("expiration_date", "on_sale_until", "sellable_until", "sell_end_date", "online_until"),
        *("online_to", "live_until", "active_to", "active_until", "visible_until", "visible_to"),
        *("deleted_at", "deleted_on", "date_deleted", "deleted_date", "deletion_date"),
        *("removed_at", "removed_on", "date_removed", "archived_at", "archived_on"),
        *("date_archived", "archived_date", "discontinued_at", "discontinued_on"),
        *("discontinued_date", "date_discontinued", "discontinue_date", "disabled_at"),
        *("deactivated_at", "deactivated_on", "hidden_at", "hidden_since", "withdrawn_at"),
        *("delisted_at", "retired_at", "blocked_at", "trashed_at", "ended_at", "eol_date"),
        *("end_of_life_date", "end_of_life_at", "end_of_sale", "end_of_sale_date"),
        *("gelöscht_am", "geloescht_am", "verfügbar_bis", "verfuegbar_bis", "gültig_bis"),
        *("gueltig_bis", "auslaufdatum"),
    ),
    "image": (
        *("image", "images", "image_src", "image_link", "image_url", "image_urls", "picture"),
        *("pictures", "photo", "img", "thumbnail", "picture_url", "main_image", "bild"),
        *("product_image_url", "base_image", "imageurl", "im_url", "image_path", "imgurl"),
        *("img_url", "image1", "image_1", "image_url_1", "product_image_url_1", "bild_1", "bild1"),
        *("picture_1", "picture1", "photo_1", "foto", "bild_url", "hosted_image_urls"),
    ),
    "further_images": (
        *("additional_image_link", "additional_image_links", "additional_images"),
        *("further_images", "gallery", "image_urls_additional"),
    ),
    "sku": (
        *("sku", "variant_sku", "article_number", "item_number", "reference", "artikelnummer"),
        *("mpn", "product_sku", "item_sku", "product_code_sku", "internal_reference"),
    ),
    "parent": (
        *("item_group_id", "parent", "parent_id", "parent_sku", "parent_product_id", "group_id"),
        *("style", "style_code", "style_id", "style_number", "parent_asin", "master_id"),
        *("configurable_sku", "model_code", "parent_code", "itemgroup_id"),
    ),
    "is_repeatable": ("is_repeatable", "repeatable", "consumable", "is_consumable"),
    "created_at": (
        *("created_at", "created", "date_created", "creation_date", "date_added", "added_at"),
        *("published_at", "product_creation_date", "time_stamp", "timestamp", "create_time"),
        *("angelegt_am", "erstellt_am", "anlagedatum"),
    ),
    "updated_at": ("updated_at", "modified_at", "last_modified", "date_modified"),
    "attributes": ("attributes",),
}

VISITOR_COLUMNS = frozenset({"visitor_id", "visitorid", "client_id", "clientid", "user_pseudo_id"})
"""Columns whose ids are those of people, unless another column holds these."""

INTERACTION_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "product_id": (
        *("product_id", "item_id", "productid", "itemid", "article_id", "sku", "product"),
        *("item", "stock_code", "stockcode", "variant_id", "product_code", "asin", "movie_id"),
        *("artikelnummer", "content_id", "external_product_id", "variant_sku", "product_sku"),
        *("item_sku", "sku_id", "lineitem_sku"),
    ),
    "user_id": (
        *("user_id", "userid", "customer_id", "customerid", "shopper_id", "visitor_id"),
        *("visitorid", "client_id", "clientid", "user", "customer", "member_id", "buyer_id"),
        *("account_id", "external_user_id", "kundennummer", "user_pseudo_id", "customer_email"),
    ),
    "session_id": (
        *("session_id", "sessionid", "user_session", "session", "anonymous_id", "anonymousid"),
        *("device_id", "cookie_id", "visit_id", "visitor_id", "visitorid", "client_id", "clientid"),
        *("user_pseudo_id",),
    ),
    "interaction_type": (
        *("interaction_type", "event", "event_type", "event_name", "action", "type", "behavior"),
        *("behavior_type", "behaviour", "behaviour_type", "feedback_type", "interaction"),
        *("activity", "event_action", "eventtype", "eventname", "action_type", "actiontype"),
        *("aktion", "ereignis", "aktivität"),
    ),
    "rating": ("rating", "stars", "score", "star_rating", "overall", "rating_value"),
    "timestamp": (
        *("timestamp", "time", "event_time", "created_at", "datetime", "date", "ts"),
        *("event_timestamp", "occurred_at", "event_date", "time_stamp", "order_date"),
        *("invoice_date", "purchase_date", "transaction_date", "unix_review_time", "t_dat"),
        *("server_time", "original_timestamp", "sent_at", "received_at", "date_time"),
        *("purchased_at", "ordered_at", "zeitstempel", "datum", "timestamp_ms"),
        *("server_timestamp", "client_timestamp", "event_datetime", "bestelldatum", "zeitpunkt"),
    ),
    "position": ("position",),
    "quantity": ("quantity", "qty", "menge", "units"),
    "order": (
        *("invoice", "invoice_no", "order_id", "order_number", "invoice_number", "transactionid"),
        *("transaction_id", "bestellnummer", "invoiceno"),
    ),
    "quantity_back": (
        *("quantity_refunded", "qty_refunded", "refunded_quantity", "refunded_qty"),
        *("quantity_returned", "qty_returned", "returned_quantity", "returned_qty"),
        *("quantity_cancelled", "quantity_canceled", "qty_canceled", "qty_cancelled"),
        *("cancelled_quantity", "canceled_quantity"),
    ),
    "order_status": (
        *("order_status", "status", "line_status", "financial_status", "payment_status"),
        *("order_state", "item_status", "transaction_status", "bestellstatus", "zahlungsstatus"),
        *("auftragsstatus", "line_item_status", "order_item_status"),
    ),
    "sending_status": (
        *("fulfilment_status", "fulfillment_status", "shipping_status", "delivery_status"),
        *("shipment_status", "versandstatus"),
    ),
    "cancelled_at": (
        *("cancelled_at", "canceled_at", "refunded_at", "returned_at", "voided_at"),
        *("cancelled_on", "canceled_on", "refunded_on", "returned_on", "cancellation_date"),
        *("cancel_date", "refund_date", "return_date", "date_cancelled", "date_refunded"),
        *("is_cancelled", "is_canceled", "is_refunded", "is_returned", "cancelled", "canceled"),
        *("refunded", "returned", "storniert", "storniert_am", "retourniert"),
    ),
}

_SUBJECTS = ("product_", "item_", "variant_", "article_", "produkt_", "artikel_", "listing_")
_OF_PRODUCTS = frozenset(
    name
    for field in (
        *(
            "price",
            "sale_price",
            "regular_price",
            "cost",
            "stock",
            "availability",
            "status",
            "published",
        ),
        *("visibility", "hidden", "available_from", "available_until"),
    )
    for name in PRODUCT_COLUMNS[field]
)


def strip_subject(name: str) -> str:
    """Return a column's name without what it is about: "product_visible" says "visible"."""
    for subject in _SUBJECTS:
        rest = name.removeprefix(subject)
        if rest != name and rest in _OF_PRODUCTS:
            return rest
    return ""
