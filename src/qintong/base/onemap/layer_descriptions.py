"""What the browser needs to know of the layers: to list them, to draw them and for the legend."""

from typing import Any

from django.http import HttpRequest

from qintong.base.onemap.map_layers import MapLayer, field_of, map_layers
from qintong.base.onemap.rights import may_view
from qintong.desk.resource import LayerClass

_GROUND = "identity.region"
"""Drawn as the map's ground, so not once more as a layer."""


def layers_for(request: HttpRequest) -> list[MapLayer]:
    """Those whose rows the person may see."""
    return [
        item
        for item in map_layers().values()
        if item.name != _GROUND and may_view(request, item.resource)
    ]


def described(item: MapLayer) -> dict[str, Any]:
    """What the browser needs to know to draw a layer, its entry in the list and its legend."""
    layer = item.layer
    return {
        "name": item.name,
        "title": str(item.resource.model._meta.verbose_name),
        "style": layer.style,
        "colour": layer.colour,
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
        "by": layer.by,
        "label": layer.label,
        "classes": [
            {"value": c.value, "title": _title(item, c), "colour": c.colour} for c in layer.classes
        ],
        "legend": _legend(item),
        "shown": layer.shown,
    }


def _legend(item: MapLayer) -> list[dict[str, str]]:
    """One entry for each colour; classes that look alike stand together."""
    layer = item.layer
    titles: dict[str, list[str]] = {}
    for each in layer.classes:
        titles.setdefault(each.colour or layer.colour, []).append(_title(item, each))
    if len(titles) < 2:
        titles = {layer.colour: [str(item.resource.model._meta.verbose_name)]}
    return [{"colour": colour, "title": "、".join(names)} for colour, names in titles.items()]


def _title(item: MapLayer, each: LayerClass) -> str:
    choices = dict(field_of(item.resource.model, item.layer.by).flatchoices)
    return each.title or str(choices.get(each.value, each.value))
