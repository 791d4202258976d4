"""Addresses of import, export, transfers and API; to be placed before the entities' own pages."""

from django.urls import URLPattern, path

from qintong.desk import api_urls, export_pages, import_pages, transfer_pages
from qintong.desk.addresses import slug
from qintong.desk.registry import resources


def patterns() -> list[URLPattern]:
    found: list[URLPattern] = [*transfer_pages.urlpatterns, *api_urls.patterns()]
    for resource in resources().values():
        base, extra = slug(resource), {"resource": resource}
        found.append(path(f"{base}/export/", export_pages.export, extra))
        if resource.read_only:
            continue
        run = f"{base}/import/<int:pk>"
        found += [
            path(f"{base}/import/", import_pages.upload, extra),
            path(f"{base}/import/template.csv", import_pages.template, extra),
            path(f"{run}/", import_pages.report, extra),
            path(f"{run}/columns/", import_pages.columns, extra),
            path(f"{run}/fix/", import_pages.fix, extra),
            path(f"{run}/start/", import_pages.start, extra),
            path(f"{run}/undo/", import_pages.undo, extra),
            path(f"{run}/report.csv", import_pages.download, extra | {"kind": "csv"}),
            path(f"{run}/report.xlsx", import_pages.download, extra | {"kind": "xlsx"}),
        ]
    return found
