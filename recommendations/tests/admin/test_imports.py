"""Files that staff import: tried, seen, then imported in the background."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from recommendations.admin import imports
from recommendations.models import ImportJob, Product, UserBehavior
from recommendations.sentences import restore
from recommendations.services.data_import import jobs
from recommendations.services.people.roles import Role
from recommendations.tests.admin.handed_over import HandedOver, keep_handed_over, work
from recommendations.tests.builders import make_product, make_user, sign_in

pytestmark = pytest.mark.django_db

PAGE = "/admin/recommendations/product/import/"
GOODS = (
    "id,title,price,category,shelf\n"
    + "".join(f"G{number},Lamp {number},{number}.50,Home,{number}\n" for number in range(1, 13))
    + "G99,,x,Home,9\n"
)


@pytest.fixture
def manager() -> Client:
    member = make_user("manager", is_staff=True)
    member.groups.add(Group.objects.get(name=Role.CATALOGUE_MANAGER.value))
    return sign_in(member)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> HandedOver:
    """Keep what is handed to the queue, until `work` does it."""
    return keep_handed_over(monkeypatch, imports)


def upload(client: Client, text: str = GOODS, **fields: Any) -> Any:
    form = {
        "file": SimpleUploadedFile("goods.csv", text.encode()),
        "content": "products",
        "source": "own",
        "format": "auto",
        "options": "",
        **fields,
    }
    return client.post(PAGE, form)


def test_a_file_is_tried_before_anything_is_written(manager: Client, sent: HandedOver) -> None:
    answer = upload(manager)
    waiting = manager.get(answer["Location"])
    work(sent)
    page = manager.get(answer["Location"])

    job = ImportJob.objects.get()
    [file] = job.preview["files"]
    assert 'http-equiv="refresh"' in waiting.content.decode()
    assert job.staff is not None
    assert (job.state, job.staff.username, Product.objects.count()) == ("checked", "manager", 0)
    assert dict(file["columns"]) == {
        "id": "id", "title": "name", "price": "price", "category": "category",
    }  # fmt: skip
    assert file["unused"] == ["shelf"]
    assert len(job.preview["examples"]) == 10
    assert restore(job.preview["examples"][0]) == "product G1: Lamp 1; 1.50; stock 100; Home"
    html = page.content.decode()
    for text in ("Import now", "shelf", "not used", "product G1: Lamp 1", "12 good, 1 skipped"):
        assert text in html


def test_what_was_seen_is_imported_in_the_background(manager: Client, sent: HandedOver) -> None:
    address = upload(manager)["Location"]
    work(sent)

    manager.post(address)
    begun = ImportJob.objects.get().state
    before = Product.objects.count()
    work(sent)

    job = ImportJob.objects.get()
    assert (begun, before) == ("importing", 0)
    assert (job.state, Product.objects.count()) == ("imported", 12)
    assert "12 added" in job.summary
    assert not (Path(settings.VAR_DIR) / "imports" / str(job.pk)).exists()


def test_an_import_begins_once(manager: Client, sent: HandedOver) -> None:
    address = upload(manager)["Location"]
    work(sent)

    manager.post(address)
    again = manager.post(address, follow=True)

    assert len(sent) == 1
    assert "has begun already" in again.content.decode()


def test_interactions_are_imported_too(manager: Client, sent: HandedOver) -> None:
    make_product(source="own", external_id="G1")
    text = "user_id,product_id,type,timestamp\nada,G1,view,2026-05-01 10:00\n"
    address = upload(manager, text, content="interactions")["Location"]

    work(sent)
    manager.post(address)
    work(sent)

    assert UserBehavior.objects.get().product.external_id == "G1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a,b\n1,2\n", "id"),
        ("id,title,price\nG1,,x\n", "No row of the file can be imported."),
        ("", ""),
    ],
)
def test_a_file_that_cannot_be_imported_says_why(
    manager: Client, sent: HandedOver, text: str, problem: str
) -> None:
    answer = upload(manager, text)
    work(sent)

    states = list(ImportJob.objects.values_list("state", flat=True))
    assert states == ([] if not text else ["failed"])
    assert answer.status_code == (200 if not text else 302)
    assert all(problem in job.problem for job in ImportJob.objects.all())
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"source": "two words"}, "The source"),
        ({"options": "--nonsense"}, "The options cannot be read"),
        ({"content": "interactions", "is_complete": "on"}, "Only a file of products"),
        ({"content": "shoppers"}, "not one of the available choices"),
    ],
)
def test_an_impossible_import_is_refused_at_once(
    manager: Client, fields: dict[str, str], problem: str
) -> None:
    page = upload(manager, **fields)

    assert problem in page.content.decode()
    assert not ImportJob.objects.exists()


def test_what_a_killed_worker_left_is_handed_over_again(manager: Client, sent: HandedOver) -> None:
    address = upload(manager)["Location"]
    sent.clear()
    ImportJob.objects.update(changed_at=timezone.now() - timedelta(minutes=4))

    page = manager.get(address)
    manager.post(address)
    work(sent)

    assert "Hand it to the worker again" in page.content.decode()
    assert ImportJob.objects.get().state == "checked"


def test_a_name_of_a_file_leads_nowhere_else(manager: Client) -> None:
    upload(manager, file=SimpleUploadedFile("../../etc/passwd.csv", b"id\n1\n"))

    job = ImportJob.objects.get()
    assert job.file_name == "passwd.csv"
    assert (Path(settings.VAR_DIR) / "imports" / str(job.pk) / "passwd.csv").exists()


def test_files_that_nobody_imported_are_deleted_after_a_week(manager: Client) -> None:
    upload(manager)
    job = ImportJob.objects.get()
    folder = Path(settings.VAR_DIR) / "imports" / str(job.pk)
    ImportJob.objects.update(changed_at=timezone.now() - timedelta(days=8))

    jobs.prune_jobs()

    assert not folder.exists()
    assert ImportJob.objects.exists()


def test_the_pages_need_a_permission_of_their_own(manager: Client) -> None:
    upload(manager)
    job = ImportJob.objects.get()
    member = make_user("ada", is_staff=True)
    member.groups.add(Group.objects.get(name=Role.ANALYST.value))
    client = sign_in(member)

    statuses = [
        client.get(PAGE).status_code,
        client.post(PAGE).status_code,
        client.get(f"{PAGE}{job.pk}/").status_code,
        client.post(f"{PAGE}{job.pk}/").status_code,
    ]

    assert statuses == [403, 403, 403, 403]
    assert manager.get(f"{PAGE}{job.pk + 1}/").status_code == 404
