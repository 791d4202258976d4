"""Companion tables of the tile server: every row of a layer, projected and generalised for each zoom band.

A table of the schema `tiles` stands beside each entity that declares a Layer. Statement triggers keep
it in step within the transaction of the change; it is made again after a migration when its definition
has changed. Its rows carry the place by which scope is judged and the attributes of the tile, so that
a tile is one index scan without a join.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from qintong.base.onemap.map_layers import PAPER, MapLayer, map_layers
from qintong.base.onemap.tile_rows import BANDS, TileRows, column_name

CHANNEL = "onemap"
"""PostgreSQL notifies it with the name of the layer whose rows changed, once the change is committed."""

_FUNCTIONS = ("_put", "_fill", "_written", "_emptied", "_related")


@dataclass(frozen=True, slots=True)
class Definition:
    """The SQL that makes one companion table with its functions and triggers."""

    table: str
    sql: str

    @property
    def digest(self) -> str:
        return blake2b(self.sql.encode(), digest_size=16).hexdigest()


def definition(item: MapLayer) -> Definition:
    rows = TileRows(item)
    return Definition(
        item.table,
        _table_sql(item, rows) + _functions_sql(item, rows) + _triggers_sql(item, rows),
    )


def forget_tables(plan: list[Any] | None = None, **kwargs: Any) -> None:
    """Before migrations: no trigger of ours may meet a half-changed table."""
    if plan:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS tiles CASCADE")


def ensure_tables(plan: list[Any] | None = None, **kwargs: Any) -> None:
    """After migrations, once nothing is left to apply: make what is missing or differs."""
    if plan is None or not _is_migrated():
        return
    wanted = {item.table: item for item in map(definition, [PAPER, *map_layers().values()])}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS tiles")
        cursor.execute(
            "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class"
            " WHERE relnamespace = 'tiles'::regnamespace AND relkind = 'p'"
        )
        present = dict(cursor.fetchall())
        for table, digest in present.items():
            if table not in wanted or wanted[table].digest != digest:
                _drop(cursor, table)
        for table, item in wanted.items():
            if present.get(table) != item.digest:
                cursor.execute(item.sql)
                cursor.execute(f"SELECT tiles.{_q(table + '_fill')}()")
                cursor.execute(f"ANALYZE tiles.{_q(table)}")
                cursor.execute(f"COMMENT ON TABLE tiles.{_q(table)} IS '{item.digest}'")


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _drop(cursor: Any, table: str) -> None:
    cursor.execute(f"DROP TABLE tiles.{_q(table)}")
    for suffix in _FUNCTIONS:
        cursor.execute(f"DROP FUNCTION IF EXISTS tiles.{_q(table + suffix)} CASCADE")


def _q(name: str) -> str:
    return connection.ops.quote_name(name)


def _table_sql(item: MapLayer, rows: TileRows) -> str:
    table = item.table
    attributes = "".join(f", {column_name(a)} {item.sql_type(a)}" for a in item.layer.attributes)
    partitions = "".join(
        f"CREATE TABLE tiles.{_q(f'{table}_{band}')} PARTITION OF tiles.{_q(table)}"
        f" FOR VALUES IN ({band});\n"
        for band in BANDS
    )
    return f"""
CREATE TABLE tiles.{_q(table)} (
    row_id {rows.key_type} NOT NULL, band smallint NOT NULL, from_zoom smallint NOT NULL,
    size real NOT NULL, place_region text, place_path text, place_line text, demo boolean NOT NULL,
    geom geometry(Geometry, 3857) NOT NULL, label_at geometry(Point, 3857){attributes}
) PARTITION BY LIST (band);
{partitions}CREATE INDEX ON tiles.{_q(table)} USING gist (geom);
CREATE INDEX ON tiles.{_q(table)} (row_id);
"""


def _functions_sql(item: MapLayer, rows: TileRows) -> str:
    """_put places the rows of a list of keys, _fill all; the others are what the triggers call."""
    name = item.table
    table, put = f"tiles.{_q(name)}", f"tiles.{_q(name + '_put')}"
    insert = f"INSERT INTO {table} ({rows.columns()}) {rows.select()}"
    notify = f"NOTIFY {CHANNEL}, '{item.name}';"
    now = ", ".join([*rows.place, rows.demo, *rows.values])
    columns = ["place_region", "place_path", "place_line", "demo"]
    kept = ", ".join(f"t.{c}" for c in columns + [column_name(a) for a in item.layer.attributes])

    def function(suffix: str, arguments: str, returns: str, body: str) -> str:
        return (
            f"CREATE FUNCTION tiles.{_q(name + suffix)}({arguments}) RETURNS {returns}"
            f" LANGUAGE plpgsql AS $$\n{body}\n$$;\n"
        )

    return (
        function(
            "_put",
            f"keys {rows.key_type}[]",
            "void",
            f"BEGIN DELETE FROM {table} WHERE row_id = ANY (keys);\n"
            f"{insert} AND s.c0 = ANY (keys);\n{notify} END",
        )
        + function(
            "_fill",
            "",
            "void",
            f"BEGIN TRUNCATE {table};\n{insert} ORDER BY band, small;\n{notify} END",
        )
        + function(
            "_written",
            "",
            "trigger",
            f"BEGIN PERFORM {put}(array(SELECT {rows.key} FROM written)); RETURN NULL; END",
        )
        + function("_emptied", "", "trigger", f"BEGIN TRUNCATE {table}; {notify} RETURN NULL; END")
        + function(
            "_related",
            "",
            "trigger",
            f"DECLARE moved {rows.key_type}[] := array(SELECT s.c0 FROM {rows.source}"
            f" JOIN {table} t ON t.row_id = s.c0 AND t.band = {BANDS[-1]}"
            f" WHERE ({now}) IS DISTINCT FROM ({kept}));\n"
            f"BEGIN IF cardinality(moved) > 0 THEN PERFORM {put}(moved); END IF; RETURN NULL; END",
        )
    )


def _triggers_sql(item: MapLayer, rows: TileRows) -> str:
    name = item.table

    def trigger(suffix: str, event: str, table: str, calls: str) -> str:
        return (
            f"CREATE TRIGGER {_q(f'tile_{name}_{suffix}')} AFTER {event}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION tiles.{_q(name + calls)}();\n"
        ).replace(" ON ?", f" ON {_q(table)}")

    return (
        trigger("add", "INSERT ON ? REFERENCING NEW TABLE AS written", rows.table, "_written")
        + trigger("set", "UPDATE ON ? REFERENCING NEW TABLE AS written", rows.table, "_written")
        + trigger("del", "DELETE ON ? REFERENCING OLD TABLE AS written", rows.table, "_written")
        + trigger("none", "TRUNCATE ON ?", rows.table, "_emptied")
        + "".join(trigger("rel", "UPDATE ON ?", t, "_related") for t in rows.related_tables)
    )
