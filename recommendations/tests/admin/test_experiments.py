"""The pages of experiments: drafts, the buttons, the verdict and the hold-out."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recommendations.choices import ExperimentState, ModelState, Placement, RuleAction
from recommendations.models import (
    Experiment,
    ExperimentArm,
    ModelVersion,
    Order,
    OrderLine,
    ServedList,
)
from recommendations.services.experiments.reporting import make_report
from recommendations.services.people.roles import Role
from recommendations.tests.admin.forms import read_form
from recommendations.tests.builders import (
    draft_rule,
    make_experiment,
    make_product,
    make_shopper,
    make_user,
    sign_in,
)
from recommendations.tests.clock import AT_NOON
from recommendations.tests.services.experiments.test_interleavings import (
    PLANNED,
    make_interleaving,
)
from recommendations.tests.services.experiments.test_interleavings import fill as fill_credits
from recommendations.tests.services.experiments.test_reporting import STARTED, fill

pytestmark = [pytest.mark.django_db, AT_NOON]

LIST = "/admin/recommendations/experiment/"


@pytest.fixture
def staff() -> Client:
    return sign_in(User.objects.create_superuser("root"))


def make_member(role: Role) -> Client:
    member = make_user(role.name.lower(), is_staff=True)
    member.groups.add(Group.objects.get(name=role.value))
    return sign_in(member)


def get_page(client: Client, experiment: Experiment) -> str:
    address = reverse("admin:recommendations_experiment_change", args=[experiment.pk])
    return str(client.get(address).content.decode())


def press(client: Client, experiment: Experiment, step: str, **values: str) -> Any:
    address = reverse("admin:recommendations_experiment_step", args=[experiment.pk])
    return client.post(address, {"step": step, **values}, follow=True)


def make_traffic(*, shoppers: int, buyers: int) -> None:
    """Let shoppers be served a list in the last days, of whom some bought."""
    lamp = make_product()
    for number in range(shoppers):
        shopper = make_shopper()
        at = timezone.now() - timedelta(days=1 + number % 20)
        ServedList.objects.create(
            user_id=shopper.user_id,
            placement=Placement.HOME.value,
            name="for-you",
            source="model",
            product_ids=[lamp.pk],
            created_at=at,
        )
        if number < buyers:
            order = Order.objects.create(user_id=shopper.user_id, created_at=at)
            OrderLine.objects.create(
                order=order, product=lamp, product_name="Lamp", price=20 + number % 7, quantity=1
            )


def test_staff_draft_an_experiment_with_its_arms(staff: Client) -> None:
    hidden = draft_rule(RuleAction.HIDE, product=make_product())
    form = read_form(staff.get(f"{LIST}add/"))
    form |= {"name": ["More variety"], "layer": ["lists"], "guardrails": ["revenue"]}
    for number, name in enumerate(("control", "varied")):
        form |= {f"arms-{number}-name": [name], f"arms-{number}-weight": ["1"]}
    form |= {
        "arms-0-is_control": ["on"],
        "arms-1-mmr_lambda": ["0.6"],
        "arms-1-weights": ['{"popularity": 1}'],
        "arms-1-rules_choice": ["draft"],
    }

    answer = staff.post(f"{LIST}add/", form)

    assert answer.status_code == 302
    experiment = Experiment.objects.get()
    control, varied = experiment.arms.all()
    assert (experiment.state, experiment.guardrails) == ("draft", ["revenue"])
    assert (control.is_control, control.rules, control.weights) == (True, None, None)
    assert (varied.mmr_lambda, varied.weights) == (0.6, {"popularity": 1})
    assert [row["id"] for row in varied.rules or []] == [hidden.pk]
    assert varied.rules_from == "the draft"


def test_wrong_weights_are_refused_with_the_names_that_there_are(staff: Client) -> None:
    experiment = make_experiment(state=ExperimentState.DRAFT.value)
    address = reverse("admin:recommendations_experiment_change", args=[experiment.pk])
    form = read_form(staff.get(address)) | {"arms-1-weights": ['{"magic": 1}']}

    answer = staff.post(address, form)

    assert "No recommender is called magic; there are" in answer.content.decode()
    assert ExperimentArm.objects.filter(weights__isnull=False).count() == 0


def edit(client: Client, experiment: Experiment, **values: list[str] | None) -> str:
    """Save the form of a draft with other values, None for a box that is not ticked."""
    address = reverse("admin:recommendations_experiment_change", args=[experiment.pk])
    form = read_form(client.get(address))
    for name, value in values.items():
        form.pop(name, None)
        form |= {} if value is None else {name: value}
    return str(client.post(address, form, follow=True).content.decode())


def read_arms(experiment: Experiment) -> list[tuple[str, bool, float]]:
    return list(experiment.arms.order_by("pk").values_list("name", "is_control", "weight"))


@pytest.mark.parametrize("ticked", [None, ["on"]])
def test_a_draft_has_exactly_one_control(staff: Client, ticked: list[str] | None) -> None:
    experiment = make_experiment(state=ExperimentState.DRAFT.value)
    boxes = {f"arms-{number}-is_control": ticked for number in range(2)}

    page = edit(staff, experiment, **boxes)

    assert "One of the arms must be the control." in page
    assert read_arms(experiment) == [("control", True, 1.0), ("other", False, 1.0)]


def test_the_arms_of_a_draft_swap_names_and_control(staff: Client) -> None:
    experiment = make_experiment(state=ExperimentState.DRAFT.value)
    taken_over = {"arms-0-is_control": None, "arms-1-is_control": ["on"]}

    edit(staff, experiment, **{"arms-0-name": ["other"], "arms-1-name": ["control"]})
    swapped = read_arms(experiment)
    # The form has the control first, so the second time the control goes back.
    edit(staff, experiment, **taken_over)
    edit(staff, experiment, **taken_over)
    edit(staff, experiment, **taken_over)

    assert swapped == [("other", True, 1.0), ("control", False, 1.0)]
    assert read_arms(experiment) == [("other", False, 1.0), ("control", True, 1.0)]


def test_a_weight_beyond_all_measure_is_refused(staff: Client) -> None:
    experiment = make_experiment(state=ExperimentState.DRAFT.value)

    page = edit(staff, experiment, **{"arms-0-weight": ["1e308"], "arms-1-weight": ["1e308"]})

    assert "The weight is at most 1000" in page
    assert read_arms(experiment) == [("control", True, 1.0), ("other", False, 1.0)]


def test_a_draft_keeps_a_version_that_is_no_longer_offered(staff: Client) -> None:
    arms = {"name": "control"}, {"name": "other", "model_version": "of last winter"}
    experiment = make_experiment(*arms, state=ExperimentState.DRAFT.value)

    edit(staff, experiment, hypothesis=["It was warmer."])

    experiment.refresh_from_db()
    versions = experiment.arms.order_by("pk").values_list("model_version", flat=True)
    assert (experiment.hypothesis, list(versions)) == ("It was warmer.", ["", "of last winter"])


@pytest.mark.parametrize(
    ("arm", "columns", "told"),
    [
        ({"weight": 0.0005}, {}, "would get fewer than one in a thousand subjects"),
        ({}, {"ends_at": timedelta(hours=-1)}, "Its end has passed."),
        ({}, {"ends_at": timedelta(days=1)}, "and so without a verdict"),
        ({"weights": {"session": 1}}, {}, "has no session; it has popularity."),
    ],
)
def test_what_could_say_nothing_does_not_start(
    staff: Client, arm: dict[str, Any], columns: dict[str, Any], told: str
) -> None:
    make_traffic(shoppers=60, buyers=30)
    members: dict[str, Any] = {"members": {"popularity": {}}}
    ModelVersion.objects.create(name="v", state=ModelState.LIVE.value, parameters=members)
    if "ends_at" in columns:
        columns = {"ends_at": timezone.now() + columns["ends_at"]}
    arms = {"name": "control"}, {"name": "other"} | arm
    experiment = make_experiment(
        *arms, state=ExperimentState.DRAFT.value, primary_metric="revenue", wanted_lift=1.0,
        **columns,
    )  # fmt: skip

    page = press(staff, experiment, "start").content.decode()

    experiment.refresh_from_db()
    assert (told in page, experiment.state) == (True, "draft")


def test_more_versions_than_a_process_keeps_do_not_run_side_by_side(staff: Client) -> None:
    make_traffic(shoppers=60, buyers=30)
    arms = [{"name": f"v{number}", "model_version": f"v{number}"} for number in range(4)]
    make_experiment(*arms)
    arms = [{"name": "control"}, {"name": "other", "model_version": "one more"}]
    experiment = make_experiment(*arms, state=ExperimentState.DRAFT.value)

    page = press(staff, experiment, "start").content.decode()

    assert "would need 5 model versions; a process keeps at most 4" in page


def test_a_version_that_an_arm_is_served_with_is_not_deleted(staff: Client) -> None:
    version = ModelVersion.objects.create(name="v", state=ModelState.CANDIDATE.value)
    make_experiment({"name": "control"}, {"name": "other", "model_version": "v"})
    address = reverse("admin:recommendations_modelversion_delete", args=[version.pk])

    asked = staff.get(address).content.decode()
    staff.post(address, {"post": "yes"})

    assert "an arm of an experiment is served with it" in asked
    assert ModelVersion.objects.filter(name="v").exists()


def test_a_draft_says_what_it_needs_and_starts(staff: Client) -> None:
    make_traffic(shoppers=60, buyers=30)
    experiment = make_experiment(
        state=ExperimentState.DRAFT.value, primary_metric="revenue", wanted_lift=1.0
    )

    planned = get_page(staff, experiment)
    started = press(staff, experiment, "start")

    experiment.refresh_from_db()
    assert "To find a lift of 100.0%, it needs" in planned
    assert "The experiment runs" in started.content.decode()
    assert (experiment.state, experiment.slice_start, experiment.slice_end) == ("running", 0, 1)
    assert experiment.needed_days is not None
    assert [event.kind for event in experiment.events.all()] == ["started"]


def test_an_experiment_that_would_take_too_long_is_refused(staff: Client) -> None:
    make_traffic(shoppers=60, buyers=30)
    experiment = make_experiment(
        state=ExperimentState.DRAFT.value, primary_metric="revenue", wanted_lift=0.01
    )

    refused = press(staff, experiment, "start").content.decode()

    experiment.refresh_from_db()
    assert "visitors have lost their cookies" in refused
    assert (experiment.state, experiment.started_at) == ("draft", None)


def test_a_shop_without_traffic_cannot_compare_anything(staff: Client) -> None:
    experiment = make_experiment(state=ExperimentState.DRAFT.value)

    refused = press(staff, experiment, "start").content.decode()

    assert "Nobody was served a list in the last four weeks" in refused


def test_two_experiments_that_change_the_same_must_share_a_layer(staff: Client) -> None:
    changing = ({"name": "control"}, {"name": "other", "mmr_lambda": 0.5})
    make_experiment(*changing, name="First", layer="one")
    experiment = make_experiment(*changing, state=ExperimentState.DRAFT.value, layer="two")

    refused = press(staff, experiment, "start").content.decode()

    assert "“First” changes the same." in refused


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Layer “lists” has room for 25.5% of the subjects in one piece"),
        ("de", "In der Schicht „lists“ ist Platz für 25,5 % der Personen am Stück"),
    ],
)
def test_a_full_layer_says_how_much_room_it_has(staff: Client, language: str, told: str) -> None:
    make_experiment(slice_start=0.0, slice_end=0.745)
    experiment = make_experiment(state=ExperimentState.DRAFT.value, traffic_share=0.4)
    address = reverse("admin:recommendations_experiment_step", args=[experiment.pk])

    page = staff.post(
        address, {"step": "start"}, follow=True, headers={"Accept-Language": language}
    )

    assert told in page.content.decode()
    experiment.refresh_from_db()
    assert (experiment.state, experiment.slice_start) == ("draft", None)


def test_an_experiment_is_paused_resumed_and_stopped_with_its_history(staff: Client) -> None:
    experiment = make_experiment()

    press(staff, experiment, "pause", reason="Black Friday")
    press(staff, experiment, "start")
    press(staff, experiment, "stop", reason="Seen enough")

    experiment.refresh_from_db()
    page = get_page(staff, experiment)
    assert (experiment.state, experiment.stopped_at is None) == ("stopped", False)
    assert [event.kind for event in experiment.events.order_by("pk")] == [
        "paused", "resumed", "stopped",
    ]  # fmt: skip
    assert "Black Friday" in page
    assert "Seen enough" in page


def test_a_started_experiment_does_not_change(staff: Client) -> None:
    experiment = make_experiment()
    address = reverse("admin:recommendations_experiment_change", args=[experiment.pk])

    statuses = [
        staff.post(address, {"name": "Another"}).status_code,
        staff.post(f"{LIST}{experiment.pk}/delete/", {"post": "yes"}).status_code,
    ]

    experiment.refresh_from_db()
    assert statuses == [403, 403]
    assert experiment.name != "Another"


def test_the_verdict_stands_on_the_page_in_words_and_as_files(staff: Client) -> None:
    experiment = make_experiment(started_at=STARTED, needed_days=3, needed_subjects=1000)
    fill(experiment, "control", buyers=100, others=900, revenue=20)
    fill(experiment, "other", buyers=200, others=800, revenue=20)
    make_report(experiment)

    page = get_page(staff, experiment)
    files = [staff.get(f"{LIST}{experiment.pk}/csv/?by={by}") for by in ("metric", "day")]

    assert "“other” is better than “control”: Subjects who bought +100.0% (between" in page
    assert [each.status_code for each in files] == [200, 200]
    assert files[0].content.decode().splitlines()[1].startswith("conversion,control,1000,0.1")


def test_nothing_is_better_before_the_planned_end(staff: Client) -> None:
    experiment = make_experiment(started_at=STARTED, needed_days=14, needed_subjects=1000)
    fill(experiment, "control", buyers=100, others=900, revenue=20)
    fill(experiment, "other", buyers=200, others=800, revenue=20)
    make_report(experiment)

    page = get_page(staff, experiment)

    assert "nothing can be said before the planned end, in about 11 days" in page
    assert "is better" not in page


def test_a_sample_ratio_mismatch_hides_the_figures(staff: Client) -> None:
    experiment = make_experiment(started_at=STARTED)
    fill(experiment, "control", buyers=100, others=900, revenue=20)
    fill(experiment, "other", buyers=200, others=500, revenue=20)
    make_report(experiment)

    page = get_page(staff, experiment)

    assert "The arms have 1,000 : 700 subjects and should have 850 : 850" in page
    assert "Subjects who bought" not in page.partition("<form")[0]


def test_the_hold_out_tells_on_the_first_page_what_recommendations_earn(staff: Client) -> None:
    begun = staff.post(f"{LIST}hold-out/", follow=True)
    holdout = Experiment.objects.get()
    popular, engine = holdout.arms.all()
    Experiment.objects.update(started_at=STARTED)
    fill(holdout, "popular", buyers=25, others=175, revenue=20)
    fill(holdout, "engine", buyers=950, others=2850, revenue=20)
    make_report(holdout)
    call_command("rebuild_insight")

    pages = [staff.get(address).content.decode() for address in ("/admin/", LIST)]

    assert "The experiment runs" in begun.content.decode()
    assert (popular.weight, popular.only_popular, engine.weight) == (0.05, True, 0.95)
    assert ["Recommendations earned $" in page for page in pages] == [True, True]
    again = staff.post(f"{LIST}hold-out/", follow=True)
    assert "There is a hold-out already." in again.content.decode()


def test_a_thin_hold_out_says_what_it_lacks(staff: Client) -> None:
    staff.post(f"{LIST}hold-out/")
    holdout = Experiment.objects.get()
    Experiment.objects.update(started_at=STARTED)
    fill(holdout, "popular", buyers=2, others=48, revenue=20)
    fill(holdout, "engine", buyers=50, others=900, revenue=20)
    make_report(holdout)

    page = staff.get(LIST).content.decode()

    assert "Subjects in it: 50, buyers: 2; subjects outside: 950, buyers: 50." in page


@pytest.mark.parametrize("step", ["start", "pause", "stop", "report"])
def test_an_analyst_reads_but_runs_nothing(step: str) -> None:
    experiment = make_experiment()
    analyst = make_member(Role.ANALYST)

    statuses = [
        analyst.get(LIST).status_code,
        press(analyst, experiment, step).status_code,
        analyst.post(f"{LIST}hold-out/").status_code,
    ]

    experiment.refresh_from_db()
    assert statuses == [200, 403, 403]
    assert experiment.state == "running"
    assert "Stop for good" not in get_page(analyst, experiment)


def test_a_merchandiser_runs_experiments() -> None:
    experiment = make_experiment()

    press(make_member(Role.MERCHANDISER), experiment, "stop")

    experiment.refresh_from_db()
    assert experiment.state == "stopped"


def test_support_sees_no_experiment() -> None:
    support = make_member(Role.SUPPORT)
    experiment = make_experiment()

    assert support.get(f"{LIST}{experiment.pk}/csv/").status_code == 403
    assert press(support, experiment, "stop").status_code == 403


def fill_interleaving_form(form: dict[str, Any], **columns: str) -> dict[str, Any]:
    form |= {"name": ["Two models"], "layer": ["lists"]}
    form |= {name: [value] for name, value in columns.items()}
    for number, name in enumerate(("live", "popular")):
        form |= {f"arms-{number}-name": [name], f"arms-{number}-weight": ["1"]}
    return form | {"arms-0-is_control": ["on"], "arms-1-weights": ['{"popularity": 1}']}


def test_staff_draft_an_interleaving(staff: Client) -> None:
    form = fill_interleaving_form(
        read_form(staff.get(f"{LIST}add/")),
        kind="interleaving",
        placement="home",
        primary_metric="click_through",
    )

    answer = staff.post(f"{LIST}add/", form)

    assert answer.status_code == 302
    experiment = Experiment.objects.get()
    assert (experiment.kind, experiment.placement) == ("interleaving", "home")


def test_a_wanted_lift_in_percent_is_refused(staff: Client) -> None:
    form = fill_interleaving_form(
        read_form(staff.get(f"{LIST}add/")),
        kind="interleaving",
        placement="home",
        primary_metric="click_through",
        wanted_lift="10",
    )

    answer = staff.post(f"{LIST}add/", form)

    assert "Write a share: 0.1 for a tenth, and at most 1." in answer.content.decode()
    assert not Experiment.objects.exists()


def test_a_new_experiment_has_all_guardrails(staff: Client) -> None:
    form = read_form(staff.get(f"{LIST}add/"))

    staff.post(f"{LIST}add/", fill_interleaving_form(form, kind="arms"))

    assert form["guardrails"] == ["errors", "latency", "empty_lists", "revenue"]
    assert Experiment.objects.get().guardrails == form["guardrails"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"kind": "interleaving", "primary_metric": "click_through"}, "needs its placement"),
        ({"kind": "interleaving", "placement": "home"}, "Clicks decide"),
        ({"kind": "arms", "placement": "home"}, "Only an interleaving has a placement"),
        ({"kind": "interleaving", "placement": "cart"}, "Select a valid choice"),
    ],
)
def test_a_kind_takes_only_what_goes_with_it(
    staff: Client, columns: dict[str, str], words: str
) -> None:
    form = fill_interleaving_form(read_form(staff.get(f"{LIST}add/")), **columns)

    answer = staff.post(f"{LIST}add/", form)

    assert words in answer.content.decode()
    assert not Experiment.objects.exists()


def test_the_page_of_an_interleaving_says_which_model_is_preferred(staff: Client) -> None:
    experiment = make_interleaving(**PLANNED)
    fill_credits(experiment, first=100, second=300)
    make_report(experiment)

    page = get_page(staff, experiment)

    assert "“popular” is better than “live”" in page
    assert "Share of both" in page
    assert "Every subject sees lists of both models" in page
    assert "How arms were served" not in page
