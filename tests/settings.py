"""The product's settings on a test database, with files of their own and quick password hashes.

Without DATABASE_URL a throw-away cluster under var/test is started for the time of the run.
"""

import os
from pathlib import Path

from tests.cluster import start

_var = Path(os.environ.get("QINTONG_VAR") or Path(__file__).resolve().parents[1] / "var").resolve()
if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = start(_var / "test")
if _var.parent.name != "test":
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    os.environ["QINTONG_VAR"] = str(_var / "test" / worker)

from qintong.conf.settings import *  # noqa: E402, F403
from qintong.conf.settings import STORAGES  # noqa: E402

PASSWORD_HASHERS = ["tests.passwords.QuickArgon2"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = True
SCOPE_RECHECK_S = 0  # no cache: a rolled-back test may leave the version where it was
