"""What staff try: rules of the draft, published rules withdrawn, another model or other weights."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from recommendations.choices import ModelState
from recommendations.conf import configuration
from recommendations.errors import ArtifactError, InvalidInputError, NotFoundError
from recommendations.models import ModelVersion
from recommendations.services.experiments.checks import find_blend_problem
from recommendations.services.shop.merchandising import RuleRow
from recommendations.services.shop.rule_versions import find_changes, read_draft, read_published
from recommendations.services.training import registry


@dataclass(frozen=True, slots=True)
class TriedChange:
    """Rules and a model, beside those that serve.

    Both sets of rules are written down when staff ask, so that nobody's work on the rules changes
    what a run compares.
    """

    rules_before: list[RuleRow]
    rules_after: list[RuleRow]
    tried: tuple[int, ...] = ()
    """Ids of the draft's rules that are tried."""
    withdrawn: tuple[int, ...] = ()
    """Ids of the published rules that are withdrawn."""
    model: str = ""
    """Name of the version that is tried; empty: the live one."""
    weights: Mapping[str, float] | None = None
    """Weights of the blend by the name of the member; None: those of the model."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is tried."""
        return not (self.tried or self.withdrawn or self.model or self.weights)

    def write(self) -> dict[str, Any]:
        """Return the change as JSON has it."""
        return {
            "rules_before": self.rules_before,
            "rules_after": self.rules_after,
            "tried": list(self.tried),
            "withdrawn": list(self.withdrawn),
            "model": self.model,
            "weights": self.weights,
        }

    @property
    def rows_tried(self) -> list[RuleRow]:
        """The rules that are tried."""
        return [row for row in self.rules_after if row["id"] in self.tried]

    @property
    def rows_withdrawn(self) -> list[RuleRow]:
        """The rules that are withdrawn."""
        return [row for row in self.rules_before if row["id"] in self.withdrawn]


def read_change(data: dict[str, Any]) -> TriedChange:
    """Return the change that `write` wrote."""
    ids = {name: tuple(data[name]) for name in ("tried", "withdrawn")}
    return TriedChange(
        data["rules_before"],
        data["rules_after"],
        **ids,
        model=data["model"],
        weights=data.get("weights"),
    )


def list_draft_rules() -> list[RuleRow]:
    """Return the rules of the draft that are not published as they are."""
    changes = find_changes(read_published(), read_draft())
    return [change.after for change in changes if change.after is not None]


def plan_change(
    *,
    tried: Collection[int] = (),
    withdrawn: Collection[int] = (),
    model: str = "",
    weights: Mapping[str, float] | None = None,
) -> TriedChange:
    """Return the change that is tried.

    A rule that has not begun yet is tried as if it had.

    Raises:
        InvalidInputError: A rule is in no draft or not published, the version is live, or the
            weights are none of the version's.
        NotFoundError: There is no such version.
        ArtifactError: The files of the version are deleted.
    """
    published = read_published()
    drafted = {row["id"]: {**row, "starts_at": None} for row in list_draft_rules()}
    if unknown := set(tried) - drafted.keys():
        ids = ", ".join(map(str, sorted(unknown)))
        raise InvalidInputError(
            _("No change of the draft is about rule {}.").format(ids), field="tried"
        )
    if unknown := set(withdrawn) - {row["id"] for row in published}:
        ids = ", ".join(map(str, sorted(unknown)))
        raise InvalidInputError(_("Rule {} is not published.").format(ids), field="withdrawn")
    if both := set(tried) & set(withdrawn):
        ids = ", ".join(map(str, sorted(both)))
        raise InvalidInputError(
            _("Rule {} is either tried or withdrawn.").format(ids), field="withdrawn"
        )
    if model:
        _require_version(model)
    if weights is not None and (problem := find_blend_problem(weights, version=model)):
        raise InvalidInputError(problem, field="weights")
    left = [row for row in published if row["id"] not in {*tried, *withdrawn}]
    after = left + [drafted[rule_id] for rule_id in tried]
    return TriedChange(
        rules_before=published,
        rules_after=sorted(after, key=lambda row: (row["position"], row["id"])),
        tried=tuple(sorted(tried)),
        withdrawn=tuple(sorted(withdrawn)),
        model=model,
        weights=weights,
    )


def _require_version(name: str) -> None:
    version = ModelVersion.objects.filter(name=name).first()
    if version is None:
        raise NotFoundError(_("There is no model version {}.").format(name))
    if version.state == ModelState.LIVE.value:
        raise InvalidInputError(_("Model version {} is the live one.").format(name), field="model")
    if not registry.find_present([name]):
        raise ArtifactError(
            _(
                "The files of model version {} are deleted, so it cannot be tried. The shop keeps "
                "those of the live version and the ones before it, {} in all."
            ).format(name, configuration().keep_model_versions)
        )
