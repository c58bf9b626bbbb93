"""The answers to "why" and "why not" as sentences for staff, in the language of the page."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.choices import InteractionType, Source
from recommendations.engine.trace import Stage
from recommendations.reasons import ReasonCode
from recommendations.services.insight.why_not import ModelStanding, WhyNot
from recommendations.services.lists.sources import MIN_SCORE

STAGE_NAMES = {
    Stage.NOT_IN_CATALOGUE: gettext_lazy("Not in the catalogue"),
    Stage.INACTIVE: gettext_lazy("Not active"),
    Stage.SOLD_OUT: gettext_lazy("Sold out"),
    Stage.IN_CART: gettext_lazy("In the cart"),
    Stage.DISMISSED: gettext_lazy("Dismissed"),
    Stage.BOUGHT: gettext_lazy("Bought before"),
    Stage.SAME_KIND: gettext_lazy("Of a kind that is there already"),
    Stage.HIDDEN: gettext_lazy("Hidden by a rule"),
    Stage.SAME_STYLE: gettext_lazy("Another colour or size of one"),
    Stage.SHOWN_ELSEWHERE: gettext_lazy("Shown elsewhere on the page"),
    Stage.NOT_NAMED: gettext_lazy("No candidate of any source"),
    Stage.NOT_NEEDED: gettext_lazy("The list was full before"),
    Stage.CAPPED: gettext_lazy("Too many of its category"),
    Stage.TOO_SIMILAR: gettext_lazy("Too similar to others"),
    Stage.OUTRANKED: gettext_lazy("Others scored higher"),
    Stage.GAVE_WAY: gettext_lazy("Gave way to a reserved place"),
    Stage.WITHOUT_REASON: gettext_lazy("Nothing to say why"),
}
SOURCE_NAMES = {
    Source.PINNED: gettext_lazy("pinned"),
    Source.CONTENT: gettext_lazy("of the same kind"),
    Source.MODEL: gettext_lazy("model"),
    Source.EXPLORED: gettext_lazy("reserved place"),
    Source.SESSION: gettext_lazy("session"),
    Source.TRENDING: gettext_lazy("trending"),
    Source.POPULAR: gettext_lazy("popular"),
    Source.NEWEST: gettext_lazy("newest"),
    Source.BOUGHT_BEFORE: gettext_lazy("bought before"),
}
INTERACTION_NAMES = {
    InteractionType.VIEW: gettext_lazy("viewed"),
    InteractionType.LIKE: gettext_lazy("liked"),
    InteractionType.CART: gettext_lazy("put into the cart"),
    InteractionType.PURCHASE: gettext_lazy("bought"),
}
SIMPLE = {
    Stage.NOT_IN_CATALOGUE: (
        gettext_lazy("There is no such product."),
        gettext_lazy("Add it to the catalogue."),
    ),
    Stage.INACTIVE: (gettext_lazy("The product is not active."), gettext_lazy("Switch it on.")),
    Stage.SOLD_OUT: (
        gettext_lazy("The product is sold out. Sold-out products are in no list."),
        gettext_lazy("At least one piece in stock."),
    ),
    Stage.IN_CART: (
        gettext_lazy("It is in the cart already."),
        gettext_lazy("It would have to leave the cart."),
    ),
    Stage.DISMISSED: (
        gettext_lazy("The shopper said that it is of no interest."),
        gettext_lazy("Only the shopper can take that back."),
    ),
    Stage.BOUGHT: (
        gettext_lazy("The shopper bought it, and it is not repeatable."),
        gettext_lazy("Mark it as repeatable if shoppers buy it again."),
    ),
    Stage.SAME_KIND: (
        gettext_lazy(
            "The cart or the page has a product of the same kind already, and one is enough."
        ),
        gettext_lazy(
            "Mark the product that is there as repeatable if shoppers want several of its kind."
        ),
    ),
    Stage.HIDDEN: (
        gettext_lazy("A rule of staff hides it at this placement."),
        gettext_lazy("Change the rule or switch it off."),
    ),
    Stage.GAVE_WAY: (
        gettext_lazy(
            "It was last in the list, and a product in a place that a rule reserves moved it out."
        ),
        gettext_lazy("A higher score, or a rule that reserves fewer places."),
    ),
    Stage.SAME_STYLE: (
        gettext_lazy("The list has another product of its style: another colour or size of it."),
        gettext_lazy("Its name, brand or category would have to tell it from the other."),
    ),
    Stage.WITHOUT_REASON: (
        gettext_lazy(
            "This list shows only what it can give a product as the reason for; this had none."
        ),
        gettext_lazy(
            "Shoppers would have to buy or choose it together with a product of the history."
        ),
    ),
}
REASON_TEXTS = {
    ReasonCode.VIEWED: gettext_lazy("Because you viewed {product}"),
    ReasonCode.LIKED: gettext_lazy("Because you liked {product}"),
    ReasonCode.IN_CART: gettext_lazy("Goes with {product} in your cart"),
    ReasonCode.PUT_IN_CART: gettext_lazy("Because you put {product} in your cart"),
    ReasonCode.PURCHASED: gettext_lazy("Because you bought {product}"),
    ReasonCode.OWN_CATEGORY: gettext_lazy("Because of your interest in {category}"),
    ReasonCode.SEVERAL_PRODUCTS: gettext_lazy("Because of several products that you know"),
    ReasonCode.BOUGHT_TOGETHER: gettext_lazy("Often bought with {product}"),
    ReasonCode.SIMILAR: gettext_lazy("Similar to {product}"),
    ReasonCode.LOOKS_LIKE: gettext_lazy("Looks like {product}"),
    ReasonCode.VIEWED_TOGETHER: gettext_lazy("Often looked at with {product}"),
    ReasonCode.ALSO_CHOSEN: gettext_lazy("Chosen by others who chose {product}"),
    ReasonCode.TRENDING_IN_CATEGORY: gettext_lazy("Trending in {category}"),
    ReasonCode.TRENDING: gettext_lazy("Trending now"),
    ReasonCode.POPULAR_IN_CATEGORY: gettext_lazy("Popular in {category}"),
    ReasonCode.POPULAR: gettext_lazy("Popular in the shop"),
    ReasonCode.NEW: gettext_lazy("New in the shop"),
    ReasonCode.LITTLE_KNOWN: gettext_lazy("New here, or known to few yet"),
    ReasonCode.PINNED: gettext_lazy("Picked by the shop"),
    ReasonCode.BOUGHT_BEFORE: gettext_lazy("You bought it before: buy it again"),
}
"""What shoppers read as the reason."""
LIST_NAMES = {
    "for-you": gettext_lazy("For you"),
    "recently-viewed": gettext_lazy("Recently viewed"),
    "buy-again": gettext_lazy("Buy again"),
    "trending": gettext_lazy("Trending"),
    "popular": gettext_lazy("Popular"),
    "new-arrivals": gettext_lazy("New arrivals"),
    "bought-together": gettext_lazy("Goes with the product"),
    "similar": gettext_lazy("Similar"),
    "alike-in-words": gettext_lazy("Similar in words"),
    "looks-like": gettext_lazy("Looks like the product"),
    "viewed-together": gettext_lazy("Often looked at together"),
    "complements": gettext_lazy("Goes with the cart"),
}


class Answer(NamedTuple):
    """A stage, what happened there, and what would have to change."""

    stage: str
    sentence: str
    remedy: str


def describe_absence(why_not: WhyNot, names: Mapping[int, str]) -> Answer:
    """Tell why a product is not in a list; `names` has the names of products."""
    if why_not.stage in SIMPLE:
        sentence, remedy = map(str, SIMPLE[why_not.stage])
    else:
        sentence, remedy = _DESCRIBERS[why_not.stage](why_not, names)
    return Answer(str(STAGE_NAMES[why_not.stage]), sentence, remedy)


def describe_standing(standing: ModelStanding) -> str:
    """Tell where the model has a product, and down to where its candidates are taken."""
    if not standing.is_known:
        return _(
            "The model does not know it: it is newer than the last training, or was not for sale "
            "then."
        )
    if standing.score is None or standing.rank is None:
        return _("The model has no opinion on it for this history.")
    return _(
        "The model has it at place {rank} of {of}, with the score {score}. The list takes the "
        "model's best {limit}, and none with a score below {least}."
    ).format(
        rank=standing.rank,
        of=standing.of,
        score=_number(standing.score),
        limit=standing.limit,
        least=_number(MIN_SCORE),
    )


def _number(value: float) -> str:
    return number_format(round(value, 3), 3)


def _describe_shown_elsewhere(why_not: WhyNot, names: Mapping[int, str]) -> tuple[str, str]:
    if not why_not.shown_in:
        return _("The page is about this product."), _("Nothing: no page lists its own product.")
    name = LIST_NAMES.get(why_not.shown_in, why_not.shown_in)
    return (
        _("The page shows it in the list “{}” above.").format(name),
        _("It would have to leave that list: no page shows a product twice."),
    )


def _describe_not_named(why_not: WhyNot, names: Mapping[int, str]) -> tuple[str, str]:
    sentence = _("None of the list's sources names it, and the list was full without it.")
    if why_not.standing is None:
        return sentence, _("A rule can pin it. Else it needs interactions of shoppers.")
    remedy = _(
        "It needs more interactions of shoppers with this history, or more of its kind in the "
        "history. A boost changes nothing, because no source names it; a rule can pin it."
    )
    return f"{sentence} {describe_standing(why_not.standing)}", remedy


def _describe_not_needed(why_not: WhyNot, names: Mapping[int, str]) -> tuple[str, str]:
    source = _name_source(why_not)
    if not why_not.looked_at:
        return (
            _(
                "The source “{source}” has it at place {rank}. Sources before it filled the list."
            ).format(source=source, rank=why_not.rank),
            _("The sources before would have to name fewer products. A rule can pin it."),
        )
    sentence = _(
        "The source “{source}” has it at place {rank}; the list was chosen from the best "
        "{looked_at} of them."
    ).format(source=source, rank=why_not.rank, looked_at=why_not.looked_at)
    remedy = _(
        "It would have to be among the best {looked_at} of the source. A boost is looked at only "
        "then; a rule can pin it."
    ).format(looked_at=why_not.looked_at)
    return sentence, remedy


def _describe_capped(why_not: WhyNot, names: Mapping[int, str]) -> tuple[str, str]:
    sentence = ngettext(
        "The list takes at most {cap} product of “{group}”, and others of it scored higher. Its "
        "own score is {score}.",
        "The list takes at most {cap} products of “{group}”, and others of it scored higher. Its "
        "own score is {score}.",
        why_not.cap or 0,
    ).format(cap=why_not.cap, group=why_not.group, score=_number(why_not.score or 0))
    return sentence, _describe_needed(why_not)


def _describe_too_similar(why_not: WhyNot, names: Mapping[int, str]) -> tuple[str, str]:
    sentence = _(
        "Its score {score} is higher than that of products in the list. They stand before it for "
        "variety (MMR)."
    ).format(score=_number(why_not.score or 0))
    if why_not.like is not None:
        product_id, cosine = why_not.like
        alike = _("It is most like “{name}”: cosine {cosine}.").format(
            name=names.get(product_id, product_id), cosine=number_format(round(cosine, 2), 2)
        )
        sentence = f"{sentence} {alike}"
    return sentence, _describe_needed(why_not)


def _describe_outranked(why_not: WhyNot, names: Mapping[int, str]) -> tuple[str, str]:
    if why_not.score is None:
        return (
            _("The list is in the order of the history, and was full before it."),
            _("A new interaction with it would put it first."),
        )
    sentence = _("The source “{source}” names it with the score {score}. Others scored higher.")
    return (
        sentence.format(source=_name_source(why_not), score=_number(why_not.score)),
        _describe_needed(why_not),
    )


def _describe_needed(why_not: WhyNot) -> str:
    if why_not.needed_score is None:
        return _("No score would do: sources before it filled the list. A rule can pin it.")
    needed = _("A score of {} would do, other things equal.").format(_number(why_not.needed_score))
    if why_not.boosts is None:
        return f"{needed} " + _("Boosts alone do not reach it; a rule can pin it.")
    boosts = ngettext("{} boost by a rule gives it.", "{} boosts by rules give it.", why_not.boosts)
    return f"{needed} {boosts.format(why_not.boosts)}"


def _name_source(why_not: WhyNot) -> str:
    return str(SOURCE_NAMES[why_not.source]) if why_not.source else ""


_DESCRIBERS = {
    Stage.SHOWN_ELSEWHERE: _describe_shown_elsewhere,
    Stage.NOT_NAMED: _describe_not_named,
    Stage.NOT_NEEDED: _describe_not_needed,
    Stage.CAPPED: _describe_capped,
    Stage.TOO_SIMILAR: _describe_too_similar,
    Stage.OUTRANKED: _describe_outranked,
}
