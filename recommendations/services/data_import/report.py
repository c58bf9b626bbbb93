"""The outcome of an import: counts, reasons of bad rows, and the first problems."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from recommendations.record_files import RowError
from recommendations.sentences import Sentence, get_sentence, say

SHOWN_PROBLEMS = 20
SHOWN_EXAMPLES = 10
NAMED_WORDS = 20
"""How many words of one kind are counted by word."""
LONGEST_WORD = 60


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One row that was not imported."""

    file: str
    line: int
    message: str
    unit: str = "line"

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """Where the problem is, and what it is."""
        return say(
            "{file} {unit} {line}: {message}",
            file=self.file,
            unit=self.unit,
            line=self.line,
            message=self.message,
        )


@dataclass(frozen=True, slots=True)
class FileTaken:
    """What a file was taken for, before anything of it is written.

    Attributes:
        file: Its name.
        encoding: How it is written: "values between commas, in UTF-8".
        format: What it holds: "a product export of Shopify".
        columns: Its columns and the fields that they became.
        unused: Its other columns.
        repeated: Names that several columns have, of which the first counts.
        notes: What was assumed.
    """

    file: str
    encoding: str
    format: str
    columns: Sequence[tuple[str, str]]
    unused: Sequence[str]
    repeated: Sequence[str]
    notes: Sequence[str]


def count_by_word(counts: Counter[str], template: str, word: str, **values: str) -> None:
    """Count a sentence with a {word} of a file in it; after many words, further ones together."""
    named = Sentence(template, word=repr(word[:LONGEST_WORD]), **values)
    if named not in counts:
        alike = sum(isinstance(each, Sentence) and each.template == template for each in counts)
        if alike >= NAMED_WORDS:
            named = Sentence(template, word=say("with other words"), **values)
    counts[named] += 1


@dataclass(slots=True)
class Tally:
    """Counts of the rows of one file.

    `read` is `good` + `skipped`. `added`, `updated` and `unchanged` count products or interactions:
    of products with variants, several rows make one. In a dry run, interactions stay 0.
    `examples` are the first rows of a dry run, as they would be.
    """

    file: str
    read: int = 0
    skipped: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    variants_added: int = 0
    variants_updated: int = 0
    examples: list[str] = field(default_factory=list)

    def show_example(self, example: str) -> None:
        """Keep an example, unless there are enough."""
        if len(self.examples) < SHOWN_EXAMPLES:
            self.examples.append(example)

    @property
    def good(self) -> int:
        """Rows without an error."""
        return self.read - self.skipped

    @property
    def imported(self) -> int:
        """Good rows that the shop has now."""
        return self.added + self.updated + self.unchanged


@dataclass(slots=True)
class ImportReport:
    """The outcome of one import.

    `problems` holds the first `SHOWN_PROBLEMS` problems; `reasons` counts all problems by reason.
    `example_shopper` is the outside id and the user id of the first shopper. `unknown_events`
    counts events that stand for no interaction, by name. `notes` say what was assumed of the files.
    `defaulted` counts new products and variants ("products", "variants") by the field that got its
    default, and which.
    """

    products: Tally | None = None
    interactions: Tally | None = None
    shoppers_added: int = 0
    example_shopper: tuple[str, int] | None = None
    products_invented: int = 0
    taken_down: int = 0
    taken_back: int = 0
    notes: list[str] = field(default_factory=list)
    unknown_events: Counter[str] = field(default_factory=Counter)
    defaulted: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    problems: list[RowProblem] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    listener: Callable[[RowProblem], None] | None = None

    @property
    def tallies(self) -> list[Tally]:
        """The tallies of the files of the plan."""
        return [tally for tally in (self.products, self.interactions) if tally is not None]

    @property
    def good(self) -> int:
        """Rows without an error, in all files."""
        return sum(tally.good for tally in self.tallies)

    @property
    def skipped(self) -> int:
        """Rows that were not imported, in all files."""
        return sum(tally.skipped for tally in self.tallies)

    def skip(self, tally: Tally, line: int, error: RowError, *, unit: str = "line") -> None:
        """Count a row that is not imported and pass it to the listener."""
        tally.skipped += 1
        self.reasons[error.reason] += 1
        problem = RowProblem(tally.file, line, get_sentence(error), unit)
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(problem)
        if self.listener:
            self.listener(problem)
