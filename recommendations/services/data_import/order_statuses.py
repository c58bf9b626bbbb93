"""What the status of an order, or of a line of it, says of a purchase."""

import re
from enum import Enum
from typing import Any

from recommendations.services.data_import.words import to_word


class OrderStatus(Enum):
    """Whether something was bought."""

    BOUGHT = "bought"
    NOT_BOUGHT = "not bought"
    """Nobody paid: not yet, or not at all."""
    TAKEN_BACK = "taken back"
    """It was bought and did not last."""
    PARTLY_BACK = "partly taken back"
    """It was bought, and no status says which part of it did not last."""


_BOUGHT = frozenset(
    {
        *("paid", "complete", "completed", "processing", "processed", "closed", "invoiced"),
        *("shipped", "delivered", "dispatched", "sent", "fulfilled", "unfulfilled", "received"),
        *("partial", "partially shipped", "partially fulfilled", "partially paid", "in transit"),
        *("ready for pickup", "awaiting pickup", "awaiting fulfillment", "awaiting fulfilment"),
        *("awaiting shipment", "awaiting delivery", "pending fulfillment", "pending fulfilment"),
        *("pending shipment", "processing in progress", "in progress", "preparation in progress"),
        *("payment accepted", "payment received", "remote payment accepted", "authorized"),
        *("authorised", "captured", "settled", "success", "succeeded", "successful", "approved"),
        *("confirmed", "accepted", "active", "ordered", "purchased", "sold", "done", "finished"),
        *("on backorder paid", "true", "yes", "1", "ok", "normal", "new order", "packed"),
        *("bezahlt", "abgeschlossen", "versendet", "versandt", "geliefert", "in bearbeitung"),
        *("erledigt", "zugestellt", "payée", "expédiée", "livrée", "pagado", "enviado"),
        *("completado", "entregado", "pagato", "spedito", "consegnato", "completato"),
    }
)
_TAKEN_BACK = frozenset(
    {
        *("cancelled", "canceled", "cancel", "refunded", "fully refunded", "refund", "returned"),
        *("return", "voided", "void", "chargeback", "charged back", "reversed", "revoked"),
        *("canceled reversal", "annulled", "storniert", "storno", "erstattet", "retourniert"),
        *("zurückgegeben", "zurückerstattet", "annulliert", "annulée", "remboursée", "annullato"),
        *("cancelado", "reembolsado", "rimborsato", "cancelled by customer", "restocked"),
        *("cancelled by merchant", "cancelled by seller", "order cancelled", "order canceled"),
    }
)
_NOT_BOUGHT = frozenset(
    {
        *("pending", "on hold", "hold", "holded", "abandoned", "draft", "checkout draft"),
        *("auto draft", "trash", "failed", "failure", "declined", "rejected", "denied", "expired"),
        *("unpaid", "incomplete", "quote", "fraud", "suspected fraud", "payment review"),
        *(
            "in review",
            "open cart",
            "cart",
            "waiting",
            "blocked",
            "error",
            "aborted",
            "false",
            "no",
        ),
        *(
            "not paid",
            "on backorder not paid",
            "pending paypal",
            "0",
            "false",
            "overdue",
            "past due",
        ),
        *("fehlgeschlagen", "ausstehend", "offen", "in wartestellung", "abgebrochen", "entwurf"),
        *("unbezahlt", "abgelehnt", "en attente", "échouée", "pendiente", "fallido", "in attesa"),
        *("fallito", "warten auf zahlung", "zahlung ausstehend", "abandonado"),
    }
)
_NOT_PAID = re.compile(
    r"\b(await\w*|wait\w*|pending|unpaid|not paid|fail\w*|declin\w*|abandon\w*|on hold|error"
    r"|reject\w*|denied|expired?|draft|fraud)\b"
)
_SENDING = re.compile(r"\b(fulfil\w*|ship\w*|deliver\w*|pick ?up|dispatch\w*|collection)\b")
_BACK = re.compile(r"\b(cancel\w*|refund\w*|return\w*|void\w*|chargeback|storn\w*|revers\w*)\b")
_IN_PART = re.compile(r"\b(part\w*|teil\w*)\b")


def parse_order_status(value: Any) -> OrderStatus | None:
    """Return what a status says; None for an unknown one."""
    word = to_word(value).removeprefix("wc ").replace("(", "").replace(")", "").strip()
    for known, status in (
        (_BOUGHT, OrderStatus.BOUGHT),
        (_TAKEN_BACK, OrderStatus.TAKEN_BACK),
        (_NOT_BOUGHT, OrderStatus.NOT_BOUGHT),
    ):
        if word in known:
            return status
    if _BACK.search(word):
        return OrderStatus.PARTLY_BACK if _IN_PART.search(word) else OrderStatus.TAKEN_BACK
    if _NOT_PAID.search(word) and not _SENDING.search(word):
        return OrderStatus.NOT_BOUGHT
    return None
