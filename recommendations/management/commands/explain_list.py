"""`manage.py explain_list`: why a list shows what it shows, and why not another product."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from rich.table import Table

from recommendations.engine.trace import Stage
from recommendations.errors import ShopError
from recommendations.management.arguments import parse_count
from recommendations.management.command_with_examples import CommandWithExamples
from recommendations.management.tables import render_table
from recommendations.services.insight.explain import TracedPage, explain_page
from recommendations.services.insight.inspections import note_inspection
from recommendations.services.insight.questions import (
    Page,
    Question,
    find_products,
    find_shopper,
    find_visitor,
    parse_history,
)
from recommendations.services.insight.why import Step, Why, explain_entries
from recommendations.services.insight.why_not import explain_absence
from recommendations.services.insight.why_words import describe_absence, describe_standing
from recommendations.services.people.subjects import Subject
from recommendations.services.training import live_model

MOST_ENTRIES = 3


class Command(CommandWithExamples):
    help = (
        "Make the lists of a page as they are served, and tell what made them: the parts of each "
        "score, what moved each product, and at which stage another product left. Each look is "
        "noted in the audit log."
    )
    examples = """examples:
  manage.py explain_list home --shopper 17
  manage.py explain_list home --shopper 17 --why-not 665
  manage.py explain_list product --product "Trail Shoe" --session 5f0c…
  manage.py explain_list cart --view 12 --view 13 --cart 40
  manage.py explain_list category --category "Clothing > Hoodies"
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("page", choices=[page.value for page in Page])
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--shopper", default="", help="a shopper's id or own id")
        whose.add_argument("--session", default="", help="a visitor's session id")
        whose.add_argument(
            "--view",
            action="append",
            default=[],
            metavar="PRODUCT",
            help="a product that somebody viewed; may be given several times, oldest first",
        )
        parser.add_argument(
            "--cart", action="append", default=[], metavar="PRODUCT", help="a product of the cart"
        )
        parser.add_argument("--product", help="the product of a product page")
        parser.add_argument("--category", help="the path of a category")
        parser.add_argument(
            "--list", dest="list_name", help="one list of the page (default: all of them)"
        )
        parser.add_argument("--why-not", metavar="PRODUCT", help="a product that is missed")
        parser.add_argument(
            "--count",
            type=parse_count,
            default=12,
            help="length of the lists (default: %(default)s)",
        )

    def handle(
        self, *, page: str, list_name: str | None, why_not: str | None, **given: Any
    ) -> None:
        try:
            question = _read_question(Page(page), given)
            missed = find_products([why_not], field="why_not")[0] if why_not else None
            live_model.refresh()
            note_inspection(
                staff_id=None, subject=question.subject, placement=page, product_id=missed
            )
            traced = explain_page(question)
        except ShopError as refused:
            raise CommandError(str(refused)) from refused
        if list_name is not None and list_name not in traced.lists:
            names = ", ".join(traced.lists)
            raise CommandError(f"The page has no list {list_name!r}. It has: {names}.")
        for name in [list_name] if list_name else traced.lists:
            self._print_list(traced, name, missed)

    def _print_list(self, page: TracedPage, name: str, missed: int | None) -> None:
        traced = page.lists[name]
        whys = explain_entries(page, traced)
        page.context.read_products(
            part.product_id for why in whys if why.parts for part in why.parts.history
        )
        names = {pk: card.name for pk, card in page.context.products.items()}
        table = Table(title=name)
        for column in ("place", "id", "product", "source", "score", "by rules", "seen", "made of"):
            table.add_column(column)
        for why in whys:
            table.add_row(
                str(why.place),
                str(why.entry.product_id),
                names.get(why.entry.product_id, ""),
                why.entry.source.value,
                *(_describe_step(step) for step in (why.named, why.ruled, why.weighed)),
                _describe_parts(why, names),
            )
        self.stdout.write(render_table(table, width=160))
        if missed is None:
            return
        absence = explain_absence(page, traced, missed)
        if absence is None:
            self.stdout.write(f"Product {missed} is in this list.")
            return
        answer = describe_absence(absence, names)
        self.stdout.write(f"{missed}: {answer.stage}. {answer.sentence} {answer.remedy}")
        if absence.standing is not None and absence.stage is not Stage.NOT_NAMED:
            self.stdout.write(describe_standing(absence.standing))


def _read_question(page: Page, given: dict[str, Any]) -> Question:
    subject: Subject | None = None
    if given["shopper"]:
        subject = find_shopper(given["shopper"])
    elif given["session"]:
        subject = find_visitor(given["session"])
    product_id = None
    if given["product"]:
        (product_id,) = find_products([given["product"]], field="product")
    return Question(
        page=page,
        subject=subject,
        events=parse_history("\n".join(f"view {product}" for product in given["view"])),
        in_cart=tuple(find_products(given["cart"], field="cart")),
        product_id=product_id,
        category=given["category"],
        count=given["count"],
    )


def _describe_step(step: Step | None) -> str:
    return "" if step is None else f"{step.score:.3f} ({step.place})"


def _describe_parts(why: Why, names: dict[int, str]) -> str:
    if why.parts is None:
        return why.entry.reason.code.value
    members = [f"{one.name} {one.part:.3f}" for one in why.parts.members]
    entries = [
        f"{one.interaction_type.value} {names.get(one.product_id, one.product_id)} {one.part:.3f}"
        for one in why.parts.history[:MOST_ENTRIES]
    ]
    return f"{' + '.join(members)}; {', '.join(entries)}"
