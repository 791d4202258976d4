"""路段: as a province would register them: each in a county, most of them village roads."""

from django.contrib.gis.db import models

from qintong.base.identity.regions import Region
from qintong.desk.registry import register
from qintong.desk.resource import Layer, LayerClass, Resource, ScopeBy


class Segment(models.Model):
    class RoadClass(models.TextChoices):
        NATIONAL = "national", "国道"
        PROVINCIAL = "provincial", "省道"
        COUNTY = "county", "县道"
        TOWNSHIP = "township", "乡道"
        VILLAGE = "village", "村道"

    name = models.CharField("路段", max_length=60)
    road_class = models.CharField("行政等级", max_length=10, choices=RoadClass)
    lanes = models.PositiveSmallIntegerField("车道数")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所在县", related_name="+")
    geom = models.LineStringField("线形", srid=4490)
    is_demo = models.BooleanField("演示数据", default=True)

    class Meta:
        verbose_name = "路段"
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return self.name


@register
class SegmentResource(Resource):
    model = Segment
    columns = ("name", "road_class", "lanes", "region")
    search = ("name",)
    ordering = ("name",)
    layer = Layer(
        attributes=("name", "road_class", "lanes"),
        style="line",
        by="road_class",
        classes=(
            LayerClass("national"),
            LayerClass("provincial", minzoom=7),
            LayerClass("county", minzoom=9),
            LayerClass("township", minzoom=11),
            LayerClass("village", minzoom=12),
        ),
        label="name",
    )
    scope = ScopeBy(region="region__code")
