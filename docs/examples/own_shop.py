"""A shop of its own calls the API: catalogue, events, training, lists, all by its own ids.

Run it in the folder of a shop that is open: SHOP=http://127.0.0.1:8000 python
docs/examples/own_shop.py. It needs nothing but Python. It adds a catalogue of 60 products and 1,000
events under the source `example`, and prints what it sees.
"""

import json
import os
import random
import subprocess
import sys
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

SHOP = os.environ.get("SHOP", "http://127.0.0.1:8000")
SCOPES = ("catalogue:write", "interactions:write", "recommendations:read", "shoppers:write")
KINDS = ("Coats", "Boots", "Lamps")


def manage(*arguments: str) -> str:
    """Run one of the shop's commands; return what it prints."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def call(method: str, path: str, body: Any = None) -> Any:
    """Call the API with the token; return the answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    with urlopen(Request(SHOP + path, data, headers, method=method)) as answer:
        return json.loads(answer.read() or "null")


def in_path(own_id: str) -> str:
    """Return an id as a path has it: with `ext:`, every other sign percent-encoded."""
    return f"ext:{quote(own_id, safe='')}"


def get_list(shopper: str) -> dict[str, Any]:
    """Return the list of a shopper, or of `session:NAME`, by the shop's own ids of products."""
    answer = call("GET", f"/api/recommendations/{shopper}/?count=20")
    return {entry["external_id"]: entry for entry in answer["recommendations"]}


# 1. A token speaks the ids of one source. It is shown once.
TOKEN = manage(
    "create_token", "example", "--source=example", *(f"--scope={scope}" for scope in SCOPES)
)

# 2. The catalogue: ids as the shop has them, with slashes and leading zeros, and with variants.
products = [
    {
        "external_id": f"{kind}/{number:03d}",
        "name": f"{kind[:-1]} {number}",
        "categories": [f"Example > {kind}"],
        "price": f"{20 + number}.90",
        "stock": 50,
    }
    for kind in KINDS
    for number in range(20)
]
for product in products[:20]:
    del product["stock"]
    product["variants"] = [
        {"external_id": f"{product['external_id']}-{size}", "options": {"Size": size}, "stock": 9}
        for size in ("S", "M", "L")
    ]
written = call("POST", "/api/catalogue/products/", {"products": products})
print("catalogue:", {result["status"] for result in written["results"]})

# 3. 1,000 events of shoppers and of anonymous sessions, a hundred in a call. The first event of a
#    shopper makes the shopper; an `event_id` makes a retry safe.
rng = random.Random(7)
events = []
for number in range(1000):
    visit = number // 10
    kind = KINDS[visit % len(KINDS)]
    events.append(
        {
            "user_id": f"session:visit-{visit}" if visit % 4 == 0 else f"ext:customer/{visit:04d}",
            "product_id": f"ext:{kind}/{rng.randrange(20):03d}",
            "interaction_type": rng.choice(["view", "view", "cart", "purchase"]),
            "event_id": f"example-{number}",
        }
    )
accepted = sum(
    call("POST", "/api/interactions/", {"interactions": events[start : start + 100]})["accepted"]
    for start in range(0, len(events), 100)
)
print("events accepted:", accepted)

# 4. Training. A running shop trains by itself; this does not wait for it.
manage("train_models")

# 5. Lists by own ids: of a shopper, of a session, and of a history that is stored nowhere.
shopper = in_path("customer/0001")
shown = get_list(shopper)
print("list of a shopper:", list(shown)[:5])
print("list of a session:", list(get_list("session:visit-4"))[:5])
given = call(
    "POST",
    "/api/recommendations/",
    {"events": [{"product_id": "ext:Boots/001", "interaction_type": "view"}], "count": 5},
)
print("list of a given history:", [entry["external_id"] for entry in given["recommendations"]])

# 6. The session signs in: its history becomes the shopper's.
merged = call("POST", f"/api/shoppers/{shopper}/merge/", {"session_id": "session:visit-4"})
print("interactions moved:", merged["interactions_moved"])

# 7. A new price is in the next list.
first = next(iter(get_list(shopper)))
call(
    "PATCH",
    "/api/catalogue/products/",
    {"products": [{"external_id": first, "price": "12.34"}]},
)
print("new price:", first, get_list(shopper)[first]["price"])

# 8. A product that is taken down is gone from it.
call("POST", "/api/catalogue/take-down/", {"external_ids": [first]})
print("still listed:", first in get_list(shopper))
