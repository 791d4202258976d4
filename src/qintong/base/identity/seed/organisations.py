"""The organisation tree of the province as its rows stand in organisations.csv (structure of 2018)."""

import csv
from importlib.resources import files

from ..organisations import Organisation
from ..regions import Region
from .rows import put


def seed_organisations() -> int:
    """Parents stand before children in the file; idempotent. Returns the number of rows in the file."""
    text = (files(__package__) / "organisations.csv").read_text("utf-8")
    regions = {region.code: region for region in Region.objects.defer("geom")}
    known: dict[str, Organisation] = {}
    rows = list(csv.DictReader(text.splitlines()))
    for row in rows:
        known[row["code"]] = put(
            Organisation,
            {
                "name": row["name_zh"],
                "english_name": row["name_en"],
                "kind": row["kind"],
                "parent": known[row["parent_code"]] if row["parent_code"] else None,
                "region": regions[row["region_adcode"]],
            },
            code=row["code"],
        )
    return len(rows)
