"""Measure how long imports take: a catalogue and a log from files, and a catalogue by API.

    python -m benchmarks.imports
    python -m benchmarks.imports --products 10000 --events 0 --called 0

The catalogue is an export of Shopify with three variants a product. The log has the layout of
Retailrocket, with a tenth as many shoppers as rows. Each import is a process of its own. The API is
that of one worker process, started as in the image; a client sends 500 products a call, one call
after the other.
"""

import csv
import json
import os
import subprocess
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from benchmarks.environment import FOLDER
from benchmarks.over_http import start_server
from benchmarks.synthetic_shop import create_database, get_database_url
from recommendations.choices import TokenScope
from recommendations.services.people.tokens import issue_token

SIZES = ("S", "M", "L")
DEPARTMENTS, SHELVES = 10, 40
CALL = 500
FIRST_EVENT = 1_700_000_000
INTERACTION_TYPES = ("view", "view", "view", "view", "addtocart", "transaction")


class Cost(NamedTuple):
    """What a process took: seconds of wall time and of computing, and megabytes at its peak."""

    wall: float
    computing: float
    peak: float


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--called", type=int, default=20_000)
    sizes = parser.parse_args()
    print("| | seconds | of them computing | peak of memory |")
    print("|---|---|---|---|")
    with create_database():
        if sizes.products:
            path = write_catalogue(FOLDER / "products.csv", sizes.products)
            name = f"{sizes.products:,} products with {len(SIZES)} variants each"
            _show(f"{name}, from a file", _run_import("--products", path))
            _show("the same file once more", _run_import("--products", path))
        if sizes.events:
            path = write_events(FOLDER / "events.csv", sizes.events, sizes.products or 10_000)
            _show(f"{sizes.events:,} events, from a file", _run_import("--interactions", path))
        if sizes.called:
            _show(f"{sizes.called:,} products by API", _call_api(sizes.called))


def write_catalogue(path: Path, n_products: int) -> Path:
    """Write an export of Shopify; the rows of a product are its variants."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(
            [
                *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags"),
                *("Published", "Option1 Name", "Option1 Value", "Variant SKU"),
                *("Variant Inventory Tracker", "Variant Inventory Qty"),
                *("Variant Inventory Policy", "Variant Price", "Variant Compare At Price"),
                *("Image Src", "Image Position", "Status"),
            ]
        )
        for number in range(n_products):
            shelf = number % SHELVES
            head = [
                f"style-{number}",
                f"Style {number} of shelf {shelf}",
                f"<p>Style {number}, <b>washed</b> &amp; pressed. Made for every day.</p>",
                f"Brand {number % 97}",
                f"Department {shelf % DEPARTMENTS} > Shelf {shelf}",
                "Apparel",
                "cotton, everyday",
                "true",
                "Size",
            ]
            image = [f"https://cdn.example.com/{number}.jpg", "1", "active"]
            for place, size in enumerate(SIZES):
                first = place == 0
                price = f"{10 + number % 90}.90"
                of_variant = [size, f"S{number}-{size}", "shopify", number % 7 + place]
                rows.writerow(
                    [
                        *(head if first else [head[0], *[""] * (len(head) - 1)]),
                        *of_variant,
                        *("deny", price, f"{20 + number % 90}.90" if number % 5 == 0 else ""),
                        *(image if first else ("", "", "")),
                    ]
                )
    return path


def write_events(path: Path, n_events: int, n_products: int) -> Path:
    """Write a log in the layout of Retailrocket, one event a second."""
    rng = np.random.default_rng(0)
    visitors = rng.integers(max(1, n_events // 10), size=n_events)
    products = rng.integers(n_products, size=n_events)
    types = rng.integers(len(INTERACTION_TYPES), size=n_events)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("timestamp", "visitorid", "event", "itemid"))
        for number in range(n_events):
            rows.writerow(
                (
                    1_000 * (FIRST_EVENT + number),
                    visitors[number],
                    INTERACTION_TYPES[types[number]],
                    f"style-{products[number]}",
                )
            )
    return path


def _run_import(*arguments: object) -> Cost:
    command = [sys.executable, "manage.py", "import_data", "--source", "shop", "-v", "0"]
    started = perf_counter()
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        env=os.environ | {"DATABASE_URL": get_database_url()},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("The import failed.")
    return Cost(perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _call_api(n_products: int) -> Cost:
    _, secret = issue_token(name="bench", scopes=[TokenScope.CATALOGUE_WRITE], source="api")
    with start_server() as (port, process):
        before = _read_cost(process.pid)
        started = perf_counter()
        for first in range(0, n_products, CALL):
            counts = _post(port, secret, _make_products(range(first, first + CALL)))["counts"]
            if counts["created"] != CALL:
                raise SystemExit(f"Not every product was created: {counts}")
        wall = perf_counter() - started
        after = _read_cost(process.pid)
    return Cost(wall, after.computing - before.computing, after.peak)


def _make_products(numbers: range) -> list[dict[str, Any]]:
    return [
        {
            "external_id": f"style-{number}",
            "name": f"Style {number}",
            "description": "<p>Washed &amp; pressed. Made for every day.</p>",
            "brand": f"Brand {number % 97}",
            "categories": [f"Department {number % DEPARTMENTS} > Shelf {number % SHELVES}"],
            "price": f"{10 + number % 90}.90",
            "attributes": {"Material": "Cotton"},
            "pictures": [f"https://cdn.example.com/{number}.jpg"],
            "variants": [
                {"external_id": f"{number}-{size}", "options": {"Size": size}, "stock": number % 9}
                for size in SIZES
            ],
            "updated_at": "2026-01-01T00:00:00Z",
        }
        for number in numbers
    ]


def _post(port: int, secret: str, products: list[dict[str, Any]]) -> Any:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    body = json.dumps({"products": products})
    connection.request("POST", "/api/catalogue/products/", body, headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    if response.status != 200:
        raise SystemExit(f"The API answered {response.status}: {answer[:300]!r}")
    return json.loads(answer)


def _read_cost(pid: int) -> Cost:
    """Return what the worker of this supervising process has taken so far."""
    worker = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
    ticks = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[11:13]
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{worker}/status").read_text().splitlines()
    )
    return Cost(
        0,
        sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"),
        int(status["VmHWM"].split()[0]) / 1024,
    )


def _show(name: str, cost: Cost) -> None:
    print(
        f"| {name} | {cost.wall:.0f} s | {cost.computing:.0f} s | {cost.peak:.0f} MB |",
        flush=True,
    )


if __name__ == "__main__":
    main()
