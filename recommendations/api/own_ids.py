"""From a shop's own ids to ours, for the caller of one request."""

from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property

from recommendations.api.ids import OwnId, ProductReference, SessionName
from recommendations.errors import InvalidInputError, NotFoundError
from recommendations.models import ApiToken
from recommendations.services.people.shopper_ids import (
    build_session_id,
    ensure_shopper,
    ensure_shoppers,
    find_external_ids,
    find_shopper_ids,
)
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.own_ids import (
    TouchedProduct,
    choose_source,
    find_product_ids,
    find_touched_products,
    find_variant_id,
    find_variants,
)


class OwnIds:
    """Finds products and shoppers by own ids within the source of the caller, each id once.

    The source is that of the token, or else the shop's only one: no caller can name an id of
    another source. Each method raises InvalidInputError if the shop has several sources.
    """

    def __init__(self, token: ApiToken | None) -> None:
        self._token = token
        self._products: dict[str, int | None] = {}
        self._shoppers: dict[str, int | None] = {}
        self._external_ids: dict[int, str | None] = {}
        self._variants: dict[int, TouchedProduct] = {}
        self._touched: dict[str, list[list[TouchedProduct]]] = {}

    @cached_property
    def source(self) -> str:
        """The source whose ids the caller speaks; empty for a shop without own ids."""
        return choose_source(self._token.source if self._token else "")

    def find_product(self, reference: ProductReference) -> int:
        """Return our id of a product; NotFoundError if the shop does not know the own id."""
        if isinstance(reference, int):
            return reference
        self.look_up_products([reference])
        found = self._products[reference.text]
        if found is None:
            where = f"source {self.source}" if self.source else "shop: it has no ids of its own yet"
            raise NotFoundError(f"There is no product {reference.text} in the {where}.")
        return found

    def find_variant(self, product_id: int, reference: ProductReference | None) -> int | None:
        """Return our id of a variant of the product, None for None.

        Raises NotFoundError if no variant of the product has the own id, nor the SKU.
        """
        if not isinstance(reference, OwnId):
            return reference
        found = find_variant_id(product_id, reference.text)
        if found is None:
            raise NotFoundError(f"There is no variant {reference.text} of this product.")
        return found

    def find_touched(
        self, product: ProductReference | None, variant: ProductReference | None
    ) -> TouchedProduct:
        """Return what an event is about, of which it names the product, a variant, or both.

        An own id of a variant may be its SKU, or that of a product. Raises NotFoundError if there
        is no such product, or no such variant of it, and InvalidInputError if a variant's name
        alone may mean several products.
        """
        if variant is None:
            if product is None:
                raise InvalidInputError("Name the product.", field="product_id")
            return TouchedProduct(self.find_product(product))
        product_id = None if product is None else self.find_product(product)
        self.look_up_variants([variant])
        if isinstance(variant, int):
            name, tiers = str(variant), [list(filter(None, [self._variants.get(variant)]))]
        else:
            name, tiers = variant.text, self._touched[variant.text]
        if product_id is not None:
            tiers = [[one for one in tier if one.product_id == product_id] for tier in tiers]
        meant = next(filter(None, tiers), [])
        if not meant:
            where = "the shop" if product_id is None else "this product"
            raise NotFoundError(f"There is no variant {name} of {where}.")
        if len({one.product_id for one in meant}) > 1:
            raise InvalidInputError(
                f"Several products have a variant {name}: name the product as well.",
                field="variant_id",
            )
        return meant[0]

    def look_up_variants(self, references: Iterable[object]) -> None:
        """Look up the variants among these references, at most in four queries."""
        references = list(references)
        ours = {one for one in references if isinstance(one, int)} - self._variants.keys()
        own = {one.text for one in references if isinstance(one, OwnId)} - self._touched.keys()
        if ours:
            self._variants |= find_variants(ours)
        if own:
            self._touched |= find_touched_products(self.source, own)

    def look_up_products(self, references: Iterable[object]) -> None:
        """Look up the own ids among these references in one query."""
        ids = {one.text for one in references if isinstance(one, OwnId)} - self._products.keys()
        if ids:
            self._products |= dict.fromkeys(ids) | find_product_ids(self.source, ids)

    def find_known_products(self, references: Iterable[ProductReference]) -> list[int]:
        """Return our ids of products, without own ids that the shop does not know."""
        references = list(references)
        self.look_up_products(references)
        found = [one if isinstance(one, int) else self._products[one.text] for one in references]
        return [product_id for product_id in found if product_id is not None]

    def find_subject(self, reference: OwnId | SessionName) -> Subject | None:
        """Return the shopper or the visitor; None for a shopper whom the shop does not know."""
        if isinstance(reference, SessionName):
            return Subject(session_id=self.build_session_id(reference))
        self.look_up_shoppers([reference])
        user_id = self._shoppers[reference.text]
        return None if user_id is None else Subject(user_id=user_id)

    def ensure_subject(self, reference: OwnId | SessionName) -> Subject:
        """Return the shopper or the visitor; make an account for an unknown shopper."""
        if isinstance(reference, SessionName):
            return Subject(session_id=self.build_session_id(reference))
        return Subject(user_id=self.ensure_shopper(reference))

    def ensure_shoppers(self, references: Iterable[object]) -> None:
        """Look up the shoppers among these references; make accounts for unknown ones.

        The number of statements does not grow with them. Call it only for shoppers whose events
        are not refused.
        """
        own = [one for one in references if isinstance(one, OwnId)]
        self.look_up_shoppers(own)
        missing = {one.text for one in own if self._shoppers[one.text] is None}
        if missing:
            made, _ = ensure_shoppers(self._require_source(), missing)
            self._shoppers |= made
            self._external_ids |= {user_id: text for text, user_id in made.items()}

    def ensure_shopper(self, reference: OwnId) -> int:
        """Return the account of a shopper; make one for an unknown shopper.

        Call it in a transaction that is rolled back if the shopper's first event is refused.
        """
        self.look_up_shoppers([reference])
        user_id = self._shoppers[reference.text]
        if user_id is None:
            user_id = ensure_shopper(self._require_source(), reference.text)
            self._external_ids[user_id] = reference.text
        return user_id

    def build_session_id(self, session: SessionName) -> str:
        """Return the id under which a visitor of the shop's own is stored."""
        return build_session_id(self._require_source(), session.text)

    def look_up_shoppers(self, references: Iterable[object]) -> None:
        """Look up the own ids among these references, at most in two queries."""
        wanted = {
            one.text: one
            for one in references
            if isinstance(one, OwnId) and self._shoppers.get(one.text) is None
        }
        if not wanted:
            return
        source = self._require_source()
        found = find_shopper_ids(source, wanted)
        # An import shows shoppers by the user names of their accounts: source, hyphen, id.
        by_username = {
            text: text.removeprefix(f"{source}-")
            for text, one in wanted.items()
            if text not in found and not one.is_exact and text.startswith(f"{source}-")
        }
        if by_username:
            named = find_shopper_ids(source, set(by_username.values()))
            found |= {text: named[own] for text, own in by_username.items() if own in named}
            self._external_ids |= {user_id: own for own, user_id in named.items()}
        self._external_ids |= {found[text]: text for text in found if text not in by_username}
        self._shoppers |= dict.fromkeys(wanted) | found

    def look_up_external_ids(self, subjects: Iterable[Subject]) -> None:
        """Look up by which ids the caller's source knows these shoppers, in one query."""
        wanted = {one.user_id for one in subjects if one.user_id is not None}
        wanted -= self._external_ids.keys()
        if wanted:
            source = self._find_source()
            found = find_external_ids(source, wanted) if source else {}
            self._external_ids |= dict.fromkeys(wanted) | found

    def find_external_id(self, subject: Subject | None) -> str | None:
        """Return the id by which the caller's source knows a shopper; None where it knows none."""
        if self._token is None or subject is None or subject.user_id is None:
            return None
        self.look_up_external_ids([subject])
        return self._external_ids[subject.user_id]

    def _find_source(self) -> str:
        # A token that has no source, in a shop with several, goes on with our ids alone.
        with suppress(InvalidInputError):
            return self.source
        return ""

    def _require_source(self) -> str:
        if not self.source:
            raise InvalidInputError(
                "The shop has no ids of its own yet. Say which source the token speaks: "
                "create_token --source, or its page in the admin."
            )
        return self.source
