import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recommendations.choices import InteractionType
from recommendations.models import Product, UserBehavior

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]

PRODUCTS = "sku,label,cost\nL1,Lamp,9.90\nL2,Torch,-1\n"
LOG = """\
user_id,product_id,event,rating,timestamp
ann,L1,like,5,1700000000
ann,L1,rate,7,1700000001
"""
MAPPING = ["sku=id", "products.label=name", "cost=price"]


def run(*args: str | Path) -> str:
    output = StringIO()
    call_command("import_data", *map(str, args), stdout=output, verbosity=0)
    return output.getvalue()


def mapped() -> list[str]:
    return [argument for mapping in MAPPING for argument in ("--map", mapping)]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "goods.csv").write_text(PRODUCTS)
    (tmp_path / "log.csv").write_text(LOG)
    return [
        *("--source", "shop"),
        *("--products", str(tmp_path / "goods.csv")),
        *("--interactions", str(tmp_path / "log.csv")),
    ]


def test_the_report_has_every_bad_row_and_the_counts(files: list[str]) -> None:
    first, second = run(*files, *mapped()), run(*files, *mapped())

    user_id = UserBehavior.objects.get().user_id
    assert first.splitlines() == [
        "goods.csv is taken for products with columns of usual names "
        "(values between commas, in UTF-8).",
        "  Columns: sku → id, label → name, cost → price.",
        "log.csv is taken for events with columns of usual names "
        "(values between commas, in UTF-8).",
        "  Columns: product_id, user_id, event → interaction_type, rating, timestamp.",
        "goods.csv line 3: price -1 is below 0",
        "log.csv line 3: rating 7 is above 5",
        "goods.csv: 2 products read, 1 added, 0 updated, 0 already there, 1 skipped.",
        "log.csv: 2 interactions read, 1 added, 0 already there, 1 skipped.",
        "1 shopper added.",
        f"For example, shopper ann has the user id {user_id}.",
        "1 new product without a category got Uncategorised.",
        "1 new product without a stock got 100.",
        "Skipped, price below 0: 1.",
        "Skipped, rating too high: 1.",
        "Next: manage.py train_models, so that recommendations use the new data.",
    ]
    assert "2 products read, 0 added, 0 updated, 1 already there, 1 skipped." in second
    assert "2 interactions read, 0 added, 1 already there, 1 skipped." in second


def test_a_dry_run_says_so_and_writes_nothing(files: list[str]) -> None:
    output = run(*files, *mapped(), "--dry-run")

    assert "goods.csv: 2 products read, 1 good, 1 skipped." in output
    assert "This was a dry run: nothing was written." in output
    assert not Product.objects.exists()


def test_a_dry_run_shows_ten_rows_of_each_file_as_they_would_be(tmp_path: Path) -> None:
    products, log = tmp_path / "goods.csv", tmp_path / "log.csv"
    products.write_text(
        "handle,name,category,price,sale_price,stock,size\n"
        "tee,Tee &amp; Co,Tops > Tees,20,15,3,S\ntee,,,22,,-1,M\n"
        "mug,Mug,,8.50,,,\n"
        "box,Box,,0,,1,\n" + "".join(f"c{n},Cup {n},,1,,1,\n" for n in range(9))
    )
    log.write_text(
        "user_id,session_id,product_id,event,rating,timestamp\n"
        "ann,,mug,order placed,,1700000000\n,s-1,tee,rate,5,1700000001\n"
        + "ann,,c1,view,,1700000002\n"
        * 9
    )

    output = run(
        "--source", "shop", "--products", products, "--interactions", log, "--dry-run"
    ).splitlines()

    start = output.index("The first rows of goods.csv, as they would be:")
    assert output[start + 1 : start + 5] == [
        "  product tee: Tee & Co; 2 variants;   S at 15.00 instead of 20.00, stock 3;   "
        "M at 22.00, stock 0; Tops > Tees",
        "  product mug: Mug; 8.50; stock 100; Uncategorised",
        "  product box: Box; 0.00; stock 1; Uncategorised; not on sale",
        "  product c0: Cup 0; 1.00; stock 1; Uncategorised",
    ]
    assert output[start + 11] == "The first rows of log.csv, as they would be:"
    assert output[start + 12 : start + 14] == [
        "  shopper ann: purchase of mug at 2023-11-14 22:13:20 UTC",
        "  visitor shop:s-1: like of tee at 2023-11-14 22:13:21 UTC, rated 5",
    ]
    assert output[start + 22].startswith("goods.csv: 13 rows read, 13 good")
    assert not Product.objects.exists()


def test_all_problems_go_to_the_errors_file(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("sku,label,cost\nL1,Lamp,9\n" + "L2,Torch,-1\n" * 30)

    output = run(*files, *mapped(), "--errors", tmp_path / "problems.txt")

    assert "… and 11 more." in output
    lines = (tmp_path / "problems.txt").read_text().splitlines()
    assert len(lines) == 31
    assert lines[29] == "goods.csv line 32: price -1 is below 0"


def test_an_import_of_bad_rows_only_fails(tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("id,name,price\nL2,Torch,-1\n")

    with pytest.raises(
        CommandError, match=r"^Nothing could be imported: every row has an error\.$"
    ):
        run("--source", "shop", "--products", tmp_path / "goods.csv")


def test_defaults_fill_in_new_products_and_types(tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("id,name\nL1,Torch\n")
    (tmp_path / "log.csv").write_text("user_id,product_id,timestamp\nann,L1,1700000000\n")

    run(
        *("--source", "shop", "--products", tmp_path / "goods.csv"),
        *("--interactions", tmp_path / "log.csv", "--default-type", "purchase"),
        *("--default-price", "9.99", "--default-stock", "3"),
    )

    product = Product.objects.get()
    assert (str(product.price), product.stock) == ("9.99", 3)
    assert UserBehavior.objects.get().interaction_type == "purchase"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name a file with --products or --interactions, or a data set with --preset."),
        (["--products", "none.csv"], "--source is missing: a short name for where these ids"),
        (["--source", "s", "--products", "none.csv"], "There is no file none.csv."),
        (["--source", "a b", "--products", "none.csv"], "The source 'a b' must be 1 to 50 letters"),
        (["somewhere"], "somewhere needs --preset; name files with --products and --inter"),
        (["--preset", "ml100k"], "The folder is missing: import_data --preset ml100k FOLDER."),
        (["--preset", "ml100k", "nowhere"], "nowhere is not a folder; ml100k is imported from its"),
        (["--preset", "netflix", "."], "There is no preset netflix. There are amazon_beauty, flip"),
        (["--preset", "ml100k", ".", "--map", "a=id"], "--map cannot be used with --preset, which"),
        (
            ["--source", "s", "--products", "none.csv", "--default-price", "-1"],
            "--default-price -1 is below 0.",
        ),
        (
            ["--source", "s", "--products", "none.csv", "--default-type", "look"],
            f"--default-type look is none of {', '.join(InteractionType)}, rate, return.",
        ),
        (
            ["--source", "s", "--products", "none.csv", "--map", "when=timestamp"],
            "--map names a field of interactions, but there is no --interactions file.",
        ),
        (
            ["--source", "s", "--products", "p.csv", "--errors", "p.csv"],
            "--errors p.csv would overwrite what is imported.",
        ),
        (["--colour"], "Error: unrecognized arguments: --colour"),
    ],
)
def test_an_impossible_call_is_refused_in_a_sentence(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as refusal:
        run(*arguments)

    assert str(refusal.value).startswith(message)
    assert not Product.objects.exists()


def test_without_the_folder_benchmarks_a_preset_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "benchmarks.import_presets", None)

    with pytest.raises(CommandError, match=r"^--preset needs the folder benchmarks/ of a checkout"):
        run("--preset", "ml100k", ".")
