"""The data sets of the quality tables: their files and how each is split."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from recommendations.choices import InteractionType
from recommendations.ml.data import Interactions
from recommendations.ml.datasets import read_interactions
from recommendations.ml.evaluation.splits import LeaveLastOut, Splitter, TimeSplit

WEIGHTS = {each: each.default_weight for each in InteractionType}
REPOSITORY = Path(__file__).resolve().parent.parent
OCTOBER = datetime(2011, 10, 1, tzinfo=UTC).timestamp()

Published = tuple[tuple[str, float, float], ...]
"""Name, HR@10 and NDCG@10 of models that others report."""


@dataclass(frozen=True)
class DataSet:
    """The files of a set in its folder, and its tables: a title and a splitter for each."""

    folder: str
    interactions: str
    items: str | None
    tables: Mapping[str, Splitter]
    published: Published = field(default=())

    def read(self, weights: Mapping[InteractionType, float] = WEIGHTS) -> Interactions:
        """Return the interactions, not merged; exit if the folder does not exist."""
        root = Path(os.environ.get("SHOP_DATA_DIR", REPOSITORY.parent / "shared" / "data"))
        folder = root / self.folder
        if not folder.is_dir():
            raise SystemExit(
                f"There is no folder {folder}; SHOP_DATA_DIR names the folder of the data sets."
            )
        return read_interactions(
            folder / self.interactions,
            weights=weights,
            items=folder / self.items if self.items else None,
        )


LAST_TOUCH = {"the last product touched": LeaveLastOut()}
DATA_SETS = {
    "beauty": DataSet(
        "amazon_beauty",
        "interactions.csv.gz",
        "items.jsonl.gz",
        LAST_TOUCH,
        (
            ("SASRec (published)", 0.0605, 0.0318),
            ("TIGER (published)", 0.0648, 0.0384),
            ("ActionPiece (published)", 0.0775, 0.0424),
            ("best re-implementation known", 0.0928, 0.0531),
        ),
    ),
    "retailrocket": DataSet("retailrocket_multi", "interactions_train.csv.gz", None, LAST_TOUCH),
    "tianchi": DataSet("tianchi_ecomm", "interactions.csv.gz", "items.csv.gz", LAST_TOUCH),
    "movielens": DataSet(
        "ml100k", "interactions.csv.gz", "items.jsonl.gz", {"the last fifth, by time": TimeSplit()}
    ),
    "uci": DataSet(
        "uci_online_retail",
        "interactions.csv.gz",
        "items.csv.gz",
        {
            "October from before, all purchases": TimeSplit(cut=OCTOBER, include_seen=True),
            "October from before, products new to the customer": TimeSplit(cut=OCTOBER),
        },
    ),
}
