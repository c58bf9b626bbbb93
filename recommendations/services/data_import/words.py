"""Words that say whether a product is in stock, and whether it is on sale."""

import re
from typing import Any

OUT_OF_STOCK = frozenset(
    {
        *("out of stock", "outofstock", "sold out", "soldout", "unavailable", "not available"),
        *("0", "false", "no", "n", "none", "nein", "ausverkauft", "nicht auf lager"),
        *("nicht vorrätig", "nicht verfügbar", "discontinued", "oos", "rupture de stock"),
        *("agotado", "esaurito", "vergriffen", "falsch", "faux", "falso"),
    }
)
IN_STOCK = frozenset(
    {
        *("in stock", "instock", "available", "1", "true", "yes", "y", "ja"),
        *("limited availability", "auf lager", "vorrätig", "verfügbar", "lieferbar"),
        *("sofort lieferbar", "en stock", "disponible", "disponibile", "low stock"),
        *("available for order", "unlimited", "preorder", "pre order", "backorder"),
        *("back order", "on backorder", "onbackorder", "online only", "continue"),
        *("in store only", "wahr", "vrai", "verdadero", "vero"),
    }
)
ON = frozenset(
    {
        *("1", "true", "yes", "y", "t", "on", "ja", "j", "oui", "si", "sì", "x"),
        *("active", "aktiv", "enabled", "published", "publish", "visible", "sichtbar", "online"),
        *("live", "available", "catalog search", "catalog", "search", "both", "everywhere"),
        *("in stock", "in_stock", "for sale", "current", "approved", "global", "new", "normal"),
        *("wahr", "vrai", "verdadero", "vero", "veröffentlicht", "freigegeben", "verfügbar"),
        *("lieferbar", "aktiviert", "actif", "publié", "activo", "publicado", "attivo"),
        *("pubblicato", "listed", "released", "sellable", "ready", "on sale", "open", "buyable"),
        *("orderable", "shown", "show", "displayed", "public", "öffentlich", "instock"),
    }
)
OFF = frozenset(
    {
        *("0", "-1", "2", "false", "no", "n", "f", "off", "nein", "non"),
        *("inactive", "inaktiv", "disabled", "draft", "entwurf", "archived", "archiviert"),
        *("unpublished", "hidden", "versteckt", "private", "privat", "pending", "trash"),
        *("deleted", "discontinued", "offline", "not visible individually", "none", "nowhere"),
        *("unlisted", "inherit", "future", "rejected", "disapproved", "suspended", "paused"),
        *("staging", "unavailable", "scheduled", "falsch", "faux", "falso"),
        *("unveröffentlicht", "nicht veröffentlicht", "gesperrt", "geplant", "gelöscht"),
        *("removed", "deactivated", "blocked", "banned", "delisted", "withdrawn", "retired"),
        *("obsolete", "eol", "end of life", "expired", "ended", "closed", "cancelled", "canceled"),
        *("not published", "not active", "not visible", "not for sale", "not available"),
        *("coming soon", "sold out", "soldout", "out of stock", "outofstock", "sold", "deferred"),
        *("pending review", "in review", "under review", "waiting for approval", "incomplete"),
        *("pending approval", "phased out", "auto draft", "autodraft", "suppressed", "blacklisted"),
        *("temporarily unavailable", "ausgelaufen", "nicht verfügbar", "nicht lieferbar"),
        *("deaktiviert", "nicht sichtbar", "nicht aktiv", "inactif", "brouillon", "archivé"),
        *("caché", "inactivo", "borrador", "archivado", "oculto", "inattivo", "bozza"),
        *("archiviato", "nascosto", "désactivé", "desactivado", "disattivato"),
    }
)
_FLOAT = re.compile(r"(-?[0-9]+)\.0+")
_BETWEEN_WORDS = re.compile(r"[_\-,\s]+")


def parse_availability(value: Any) -> bool | None:
    """Return whether a word says that the product is in stock; None if it says nothing known."""
    word = to_word(value)
    if word in OUT_OF_STOCK:
        return False
    return True if word in IN_STOCK else None


def parse_switch(value: Any) -> bool | None:
    """Return what a word such as "published" or "draft" says; None for an unknown word."""
    word = to_word(value)
    if word in OFF:
        return False
    return True if word in ON else None


def to_word(value: Any) -> str:
    """Return a word as words are compared: "On-Hold", "on_hold" and "on hold" are one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    written = str(value).strip()
    word = _BETWEEN_WORDS.sub(" ", written.lower()).strip()
    word = word.rpartition("/")[2] if word.startswith("http") else word
    whole = _FLOAT.fullmatch(word)
    word = whole[1] if whole else word
    return f"-{word}" if written.startswith("-") and word.isdigit() else word
