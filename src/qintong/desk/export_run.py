"""Exports exactly the rows of the list: same query, same columns, same masking. Every export leaves a record."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from qintong.desk import listing, transfer_files
from qintong.desk.export_writers import Value, write_csv, write_geojson, write_xlsx
from qintong.desk.ports import ports
from qintong.desk.registry import resource_for
from qintong.desk.resource import Resource
from qintong.desk.shapes import as_geojson

AT_ONCE = 20_000
"""Rows up to which the answer waits for the file; above, a job makes it."""
KEPT = timedelta(days=7)
FORMATS = ("csv", "xlsx", "geojson")
FETCH = 2_000


def perform(run: Any) -> None:
    """Writes the file with the rights its owner has now. Started again, it starts over."""
    run.state, run.done, run.started_at = run.State.RUNNING, 0, timezone.now()
    run.save(update_fields=["state", "done", "started_at"])
    resource = resource_for(run.resource)
    scope = ports().scope_of_user(run.user_id)
    params = QueryDict(run.query)
    rows = listing.rows(resource, scope, params)
    columns = listing.columns(resource, scope, params)
    name = transfer_files.new_name(run.format)
    path = transfer_files.path_of(name)

    def progress(count: int) -> None:
        run.done = count
        run.save(update_fields=["done"])

    if run.format == "geojson":
        features = _features(resource, rows, columns)
        run.total = write_geojson(path, [c.name for c in columns], features, progress)
    else:
        write = write_xlsx if run.format == "xlsx" else write_csv
        values = ([c.value(row) for c in columns] for row in rows.iterator(chunk_size=FETCH))
        run.total = write(path, [c.heading for c in columns], values, progress)
    transfer_files.delete(run.file)
    run.file, run.done, run.state = name, run.total, run.State.DONE
    run.finished_at = timezone.now()
    run.expires_at = run.finished_at + KEPT
    run.save()


def _features(
    resource: type[Resource], rows: QuerySet[Any], columns: list[Any]
) -> Iterator[tuple[Any, str | None, list[Value]]]:
    layer = resource.layer
    assert layer is not None, f"{resource.__name__} has no geometry"
    for row in rows.iterator(chunk_size=FETCH):
        geometry = getattr(row, layer.geometry)
        yield row.pk, as_geojson(geometry), [c.value(row) for c in columns]
