"""The layers of the map: one for every registered entity that declares a Layer."""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import (
    BooleanField,
    DecimalField,
    Field,
    FloatField,
    IntegerField,
    Model,
)
from django.db.models.constants import LOOKUP_SEP

from qintong.base.identity.regions import RegionResource
from qintong.desk.registry import resources
from qintong.desk.resource import Layer, LayerClass, Resource


@dataclass(frozen=True)
class MapLayer:
    """A Resource seen by the tile server."""

    name: str
    """`app_label.model_name`: stands in the address of its tiles and names the layer inside them."""
    resource: type[Resource]
    layer: Layer
    is_public: bool = False
    """True: the same for everyone who is signed in."""

    @property
    def table(self) -> str:
        """Companion table in the schema `tiles`."""
        return self.name.replace(".", "_")

    @property
    def group(self) -> str:
        return self.layer.group or str(
            apps.get_app_config(self.resource.model._meta.app_label).verbose_name
        )

    @property
    def has_demo_flag(self) -> bool:
        return any(field.name == "is_demo" for field in self.resource.model._meta.fields)

    def attributes_at(self, zoom: int) -> tuple[str, ...]:
        """Few attributes while rows are many: the label and the class."""
        if zoom >= self.layer.detail_zoom:
            return self.layer.attributes
        return tuple(
            name for name in self.layer.attributes if name in (self.layer.label, self.layer.by)
        )

    def sql_type(self, attribute: str) -> str:
        """Type of the attribute in the tile: the tile format knows numbers, truth and text."""
        field = field_of(self.resource.model, attribute)
        if isinstance(field, BooleanField):
            return "boolean"
        if isinstance(field, IntegerField):
            return "bigint"
        if isinstance(field, FloatField | DecimalField):
            return "double precision"
        return "text"


def field_of(model: type[Model], path: str) -> Field:
    """The field that a `related__field` path ends in. Raises FieldDoesNotExist."""
    head, _, rest = path.partition(LOOKUP_SEP)
    field = model._meta.get_field(head)
    if not rest:
        return field  # type: ignore[return-value]  # a path to rows that point here has no column
    return field_of(field.related_model, rest)  # type: ignore[arg-type]  # it is a foreign key


PAPER = MapLayer(
    "onemap.paper",
    RegionResource,
    Layer(
        attributes=("name", "short_name", "level", "is_outline"),
        style="fill",
        by="level",
        classes=(
            LayerClass("city", minzoom=4),
            LayerClass("county", minzoom=6),
            LayerClass("township", minzoom=11),
            LayerClass("village", minzoom=13),
        ),
        label="name",
        label_at="centre",
        detail_zoom=0,
    ),
    is_public=True,
)
"""The ground of every map. Names and borders of divisions are no secret: the same for everyone."""


def map_layers() -> dict[str, MapLayer]:
    """All of them, in drawing order."""
    found = [
        MapLayer(name, resource, resource.layer)
        for name, resource in resources().items()
        if resource.layer is not None
    ]
    return {item.name: item for item in sorted(found, key=lambda m: (m.layer.order, m.name))}
