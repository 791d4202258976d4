"""The SQL of one tile: an index scan of a companion table, cut down to what the viewer may see."""

from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection, models

from qintong.base.onemap.map_layers import MapLayer
from qintong.base.onemap.tile_rows import BANDS, column_name
from qintong.desk.resource import ScopeBy
from qintong.desk.scope import Scope
from qintong.desk.visible import visible

EXTENT = 4096
BUFFER = 64
MOST_FEATURES = 8000
"""In one tile, the largest first: a bound on its size, above what a reader could tell apart."""


class TileRow(models.Model):
    """The place columns that every companion table has, for the scope rule to be written over."""

    place_region = models.TextField()
    place_path = models.TextField()
    place_line = models.TextField()

    class Meta:
        managed = False
        app_label = "onemap"
        db_table = "b"

    def __str__(self) -> str:
        return self.place_region


_PLACE = ScopeBy("place_region", "place_path", "place_line")


def tile_sql(item: MapLayer, scope: Scope, zoom: int) -> tuple[str, dict[str, Any]] | None:
    """Statement with parameters z, x, y and those of the scope, given; None: nothing is visible.

    Masked attributes are left out of the tiles of those who may not read them.
    """
    where = _where(scope, item)
    if where is None:
        return None
    condition, params = where
    table = f'tiles."{item.table}_{next(band for band in BANDS if zoom <= band)}"'
    attributes = "".join(
        f", b.{column_name(name)} AS {connection.ops.quote_name(name)}"
        for name in readable(item, scope, zoom)
    )
    window = f"""FROM {table} b
        WHERE b.geom && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {BUFFER / EXTENT})
        AND b.from_zoom <= %(z)s AND {condition}
        ORDER BY b.size DESC LIMIT {MOST_FEATURES}"""

    def layer(geometry: str, suffix: str = "") -> str:
        return f"""(SELECT ST_AsMVT(t, '{item.name}{suffix}', {EXTENT}, 'geom', 'row_id') FROM (
        SELECT ST_AsMVTGeom({geometry}, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), {EXTENT}, {BUFFER}) AS geom,
        b.row_id{attributes}, nullif(b.demo, false) AS demo {window}) t WHERE geom IS NOT NULL)"""

    sql = f"SELECT {layer('b.geom')}"
    if item.layer.style == "fill":
        sql += f" || {layer('b.label_at', '.label')}"
    return sql, params


def readable(item: MapLayer, scope: Scope, zoom: int) -> list[str]:
    grades = item.resource.masked
    return [
        name
        for name in item.attributes_at(zoom)
        if name not in grades or grades[name] in scope.unmasked
    ]


@lru_cache(maxsize=1024)
def _where(scope: Scope, item: MapLayer) -> tuple[str, dict[str, Any]] | None:
    """The rule of `Resource.queryset`, compiled over the companion table; None when no row can match."""
    if item.is_public:
        return "true", {}
    rows = TileRow._base_manager.filter(
        visible(scope, item.resource.permission("view"), _place_of(item))
    )
    query = rows.order_by().query
    try:
        sql, params = query.where.as_sql(query.get_compiler(connection=connection), connection)
    except EmptyResultSet:
        return None
    except FullResultSet:
        return "true", {}
    names = {f"scope_{number}": value for number, value in enumerate(params)}
    return sql % tuple(f"%({name})s" for name in names), names


def _place_of(item: MapLayer) -> ScopeBy:
    """Places that the entity does not declare stay undeclared: its rows are the same for everyone there."""
    by = item.resource.scope
    return ScopeBy(
        region=_PLACE.region if by.region else "",
        organisation=_PLACE.organisation if by.organisation else "",
        business_line=_PLACE.business_line if by.business_line else "",
    )
