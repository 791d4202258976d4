from django.contrib.postgres.operations import CreateCollation, CreateExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """PostGIS, trigram search and the collation that sorts Chinese by pinyin."""

    initial = True
    dependencies = []
    operations = [
        CreateExtension("postgis"),
        TrigramExtension(),
        CreateCollation("zh_pinyin", provider="icu", locale="zh-u-co-pinyin"),
    ]
