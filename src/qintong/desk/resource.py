"""Resource: how an entity is listed, filtered, shown, edited, exchanged, mapped and guarded.

Declare one beside its model and register it; everything else follows. Every attribute has a default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from qintong.desk.scope import Scope
from qintong.desk.visible import visible


@dataclass(frozen=True, slots=True)
class Column:
    """One column of lists, exports and the API. A bare field name is a Column with defaults."""

    name: str
    """Field name, or a `related__field` path, or an annotation of the queryset."""
    title: str = ""
    """Heading; the field's verbose_name when empty."""
    template: str = ""
    """Template of the cell (`desk/cells/plate.html`); chosen by field type when empty."""
    sortable: bool = True
    shown: bool = True
    """False: offered in the column choice, not shown at first."""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Fieldset:
    """A card of the form and of the detail page."""

    title: str
    fields: tuple[str, ...]
    note: str = ""
    """Basis of the fields: the standard or the law."""


@dataclass(frozen=True, slots=True)
class Related:
    """A list of rows that point at this one, as a tab of the detail page."""

    resource: str
    """`app_label.model_name` of a registered Resource."""
    via: str
    """Its foreign key to this model."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """An act on selected rows or one row: one function, one transaction. Its name is its permission: `registry.admit_terminal`."""

    name: str
    """Imperative verb + noun: admit_terminal."""
    title: str
    run: Callable[..., Any]
    """run(request, queryset, **form) → message for the person."""
    bulk: bool = True
    danger: bool = False
    reason: bool = False
    """Asks for a reason, which lands in the change record."""
    consequence: str = ""
    """Sentence shown before it is done."""
    available: Callable[[Any], bool] = lambda row: True


@dataclass(frozen=True, slots=True)
class LayerClass:
    """How rows of one value of `Layer.by` are drawn, and from which zoom on."""

    value: str
    minzoom: int = 0
    colour: str = ""
    """Design token; the layer's colour when empty."""
    title: str = ""
    """In the legend; the label of the field's choice when empty."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The entity as vector tiles and as a layer of the map."""

    geometry: str = "geom"
    """Geometry field, SRID 4490 or 4326, lon-lat."""
    attributes: tuple[str, ...] = ()
    """Fields or `related__field` paths carried in the tile."""
    minzoom: int = 0
    maxzoom: int = 14
    style: str = "circle"
    """circle | line | fill | symbol."""
    colour: str = "--q-c1"
    """Design token."""
    group: str = ""
    """Heading in the layer list; the room's title when empty."""
    by: str = ""
    """One of `attributes`, by whose value rows are classed: colour, legend, first zoom."""
    classes: tuple[LayerClass, ...] = ()
    label: str = ""
    """One of `attributes`, written beside the feature. With `style="symbol"` it is drawn as a route shield."""
    label_at: str = ""
    """Point field at which a polygon's label stands; a point inside it when empty."""
    detail_zoom: int = 10
    """Below it a tile carries `label` and `by` only."""
    shown: bool = False
    """True: switched on when the map opens."""
    order: int = 100
    """Ascending; later ones are drawn above."""


@dataclass(frozen=True, slots=True)
class ScopeBy:
    """Which columns place a row: lookups to a division code and to an organisation path."""

    region: str = ""
    """Lookup ending in a division code: `region__code`, `code`. Empty: rows are the same for every region."""
    organisation: str = ""
    """Lookup ending in an organisation path: `organisation__path`."""
    business_line: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A saved view that ships with the entity: `即将到期` with its query string."""

    title: str
    query: str


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name no longer in force and what stands in its place: import offers it as the fix."""

    now: str
    """Natural key of the record of today."""
    title: str
    """What it is called today: 长安区."""
    rule: str
    """What happened, as a sentence: 2002 年撤县设区，现为 610116 长安区。"""
    basis: str = ""


class Resource:
    """Base of all declarations. Order of attributes here is the order in which to write them."""

    model: ClassVar[type[Model]]
    icon: ClassVar[str] = ""
    group: ClassVar[str] = ""
    """Heading of the room list under which the entity stands; empty: at the top."""
    order: ClassVar[int] = 100
    columns: ClassVar[tuple[str | Column, ...]] = ()
    filters: ClassVar[tuple[str, ...]] = ()
    """Field paths. Dates become ranges, choices and foreign keys multiple choice, numbers ranges, text contains."""
    search: ClassVar[tuple[str, ...]] = ()
    """Text fields that the list's search box and the global search look into."""
    ordering: ClassVar[tuple[str, ...]] = ()
    page_size: ClassVar[int] = 50
    fieldsets: ClassVar[tuple[Fieldset, ...]] = ()
    form: ClassVar[type | None] = None
    """ModelForm: the one validator of page, API and import; made from the model when None."""
    related: ClassVar[tuple[Related, ...]] = ()
    actions: ClassVar[tuple[Action, ...]] = ()
    views: ClassVar[tuple[View, ...]] = ()
    layer: ClassVar[Layer | None] = None
    scope: ClassVar[ScopeBy] = ScopeBy()
    natural_key: ClassVar[tuple[str, ...]] = ()
    """Fields by which an imported row finds the record it updates, and by which a foreign key is named in files."""
    also_called: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Field → headings that files of other systems use for it: import recognises them."""
    former_names: ClassVar[Mapping[str, FormerName]] = {}
    """Names met in old files → what they are called today."""
    masked: ClassVar[dict[str, str]] = {}
    """Field → data grade needed to read it in clear; others see it masked, everywhere."""
    select: ClassVar[tuple[str, ...]] = ()
    """select_related paths beyond those the columns imply."""
    detail_template: ClassVar[str] = "desk/detail.html"
    read_only: ClassVar[bool] = False
    """True: rows come from the stream or a procedure; no add, change, delete, import by hand."""

    @classmethod
    def permission(cls, act: str) -> str:
        """`registry.view_vehicle` for view, add, change, delete."""
        return f"{cls.model._meta.app_label}.{act}_{cls.model._meta.model_name}"

    @classmethod
    def queryset(cls, request: HttpRequest) -> QuerySet[Any]:
        """The one door to rows: those that the person behind the request may see."""
        return cls.queryset_for(request.scope)  # type: ignore[attr-defined]  # set by the middleware

    @classmethod
    def queryset_for(cls, scope: Scope, act: str = "view") -> QuerySet[Any]:
        """The same door without a request, for jobs, tiles and feeds."""
        return cls.model._default_manager.filter(visible(scope, cls.permission(act), cls.scope))
