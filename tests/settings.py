"""The product's settings on a test database, with files of their own and quick password hashes."""

import os
from pathlib import Path

_var = Path(os.environ.get("QINTONG_VAR", Path(__file__).resolve().parents[1] / "var")).resolve()
os.environ.setdefault("DATABASE_URL", f"postgres://qintong@/qintong?host={_var}/run")
if _var.parent.name != "test":
    _worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    os.environ["QINTONG_VAR"] = str(_var / "test" / _worker)

from qintong.conf.settings import *  # noqa: E402, F403
from qintong.conf.settings import STORAGES  # noqa: E402

PASSWORD_HASHERS = ["tests.passwords.QuickArgon2"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = True
