"""Static files as they are served in production."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    backend = {"BACKEND": "qintong.conf.static_storage.HashedModules"}
    storages = settings.STORAGES | {"staticfiles": backend}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_modules_import_each_other_by_hashed_names_that_exist(collected: Path) -> None:
    hashed = [
        path for path in collected.rglob("*.js") if re.search(r"\.[0-9a-f]{12}\.js$", path.name)
    ]
    imports = re.compile(r"""(?:from|import)\s*["'](\./[^"']+|\.\./[^"']+)["']""")

    found = [
        (path, name)
        for path in hashed
        if "django_htmx" not in path.parts
        for name in imports.findall(path.read_text(encoding="utf-8"))
    ]

    assert found
    for path, name in found:
        assert re.search(r"\.[0-9a-f]{12}\.js$", name), f"{path.name} imports {name}"
        assert (path.parent / name).exists(), f"{path.name} imports {name}"
