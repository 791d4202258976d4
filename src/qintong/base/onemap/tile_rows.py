"""The rows of a companion tile table, as SQL over the entity's own tables.

Written by the ORM where a path is followed, so that `region__code` means here what it means elsewhere.
"""

from django.db import connection
from django.db.models import F
from psycopg import ClientCursor

from qintong.base.onemap.map_layers import MapLayer, field_of

BANDS = (5, 8, 11, 14)
"""Last zoom of each band. A band's geometry is exact to half a pixel at that zoom; the last is whole."""

_WORLD_M = 40_075_016.685578488
_TILE_PX = 512


def pixel_m(zoom: int) -> float:
    """Width of a pixel in metres of Web Mercator, tiles drawn 512 px wide."""
    return _WORLD_M / _TILE_PX / 2**zoom


def column_name(attribute: str) -> str:
    """Column of the companion table that holds an attribute, quoted."""
    return connection.ops.quote_name(f"a_{attribute}")


class TileRows:
    """SQL fragments over `s` (key, place, attributes; one column each) and `g` (the entity's table)."""

    def __init__(self, item: MapLayer) -> None:
        meta = item.resource.model._meta
        self.item, self.layer = item, item.layer
        self.table = meta.db_table
        self.key = connection.ops.quote_name(str(meta.pk.column))
        self.key_type = str(meta.pk.rel_db_type(connection))
        scope = item.resource.scope
        places = [scope.region, scope.organisation, scope.business_line]
        demo = ["is_demo"] if item.has_demo_flag else []
        paths = ["pk", *filter(None, places), *demo, *item.layer.attributes]
        column = {path: f"c{number}" for number, path in enumerate(paths)}
        names = [f"c{number}" for number in range(len(paths))]
        rows = item.resource.model._base_manager.order_by().values_list(*(F(p) for p in paths))
        sql, params = rows.query.sql_with_params()
        with connection.cursor() as cursor:
            literal = ClientCursor(cursor.connection).mogrify(sql, params)
        self.source = f"({literal}) AS s({', '.join(names)})"
        self.related_tables = sorted(set(rows.query.alias_map) - {self.table})
        self.place = [f"s.{column[p]}::text" if p else "''" for p in places]
        self.demo = f"s.{column['is_demo']}" if demo else "false"
        self.values = [f"s.{column[a]}::{item.sql_type(a)}" for a in item.layer.attributes]

    def select(self) -> str:
        """Rows in the order of `columns`, all bands; ends in a WHERE that takes further conditions."""
        base = connection.ops.quote_name(self.table)
        geometry = self._field(self.layer.geometry)
        tolerances = ", ".join(f"({band}, {pixel_m(band) / 2})" for band in BANDS)
        chosen = [
            "c0",
            "band",
            "from_zoom",
            "size",
            *self.place,
            self.demo,
            "small",
            self._label_at(),
        ]
        return f"""SELECT {", ".join(chosen + self.values)}
    FROM {self.source} JOIN {base} g ON g.{self.key} = s.c0
    CROSS JOIN LATERAL (SELECT {_projected(geometry)} AS whole OFFSET 0) w
    CROSS JOIN LATERAL (SELECT greatest(ST_XMax(whole) - ST_XMin(whole),
        ST_YMax(whole) - ST_YMin(whole)) AS size) e
    CROSS JOIN LATERAL (SELECT {self._from_zoom()} AS from_zoom) z
    CROSS JOIN (VALUES {tolerances}) b(band, tolerance)
    CROSS JOIN LATERAL (SELECT {self._generalised()} AS small OFFSET 0) h
    WHERE from_zoom <= band AND NOT ST_IsEmpty(small)"""

    def columns(self) -> str:
        fixed = "row_id, band, from_zoom, size, place_region, place_path, place_line, demo, geom, label_at"
        return ", ".join([fixed, *(column_name(a) for a in self.layer.attributes)])

    def _field(self, name: str) -> str:
        column = field_of(self.item.resource.model, name).column
        return f"g.{connection.ops.quote_name(str(column))}"

    def _label_at(self) -> str:
        if self.layer.style != "fill":
            return "NULL"
        at = f"ST_PointOnSurface({self._field(self.layer.geometry)})"
        if self.layer.label_at:
            at = f"coalesce({self._field(self.layer.label_at)}, {at})"
        return _projected(at)

    def _from_zoom(self) -> str:
        """Class decides; a polygon smaller than a pixel waits until it is one."""
        first = str(self.layer.minzoom)
        if self.layer.classes:
            by = self.values[self.layer.attributes.index(self.layer.by)]
            cases = " ".join(
                f"WHEN '{c.value}' THEN {max(c.minzoom, self.layer.minzoom)}"
                for c in self.layer.classes
            )
            first = f"CASE {by}::text {cases} ELSE {first} END"
        if self.layer.style == "fill":
            visible = f"ceil(log(2, ({pixel_m(0)} / greatest(size, 1))::numeric))"
            first = f"greatest({first}, {visible})"
        return f"least({first}, {BANDS[-1]})"

    def _generalised(self) -> str:
        """Lines lose vertices; polygons move theirs to a grid, each alike: shared borders stay shared."""
        if self.layer.style == "fill":
            fewer = "ST_SnapToGrid(whole, tolerance)"
        else:
            fewer = "ST_Simplify(whole, tolerance, true)"
        return f"CASE WHEN band = {BANDS[-1]} THEN whole ELSE {fewer} END"


def _projected(geometry: str) -> str:
    return f"ST_Transform(ST_Force2D({geometry}), 3857)"
