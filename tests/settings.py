"""The product's settings on a test database, with files of their own and quick password hashes.

Without DATABASE_URL a throw-away cluster under var/test is started for the time of the run.
"""

import os
import shutil
from pathlib import Path

_var = Path(os.environ.get("QINTONG_VAR") or Path(__file__).resolve().parents[1] / "var")
_root = Path(os.environ.setdefault("QINTONG_TEST_VAR", str(_var.resolve() / "test")))
_own = _root / os.environ.get("PYTEST_XDIST_WORKER", "main")
shutil.rmtree(_own, ignore_errors=True)
_own.mkdir(parents=True)
os.environ["QINTONG_VAR"] = str(_own)

from tests.cluster import start  # noqa: E402

if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = start(_root)

from qintong.conf.settings import *  # noqa: E402, F403
from qintong.conf.settings import STORAGES  # noqa: E402

PASSWORD_HASHERS = ["tests.passwords.QuickArgon2"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir()  # noqa: F405
SCOPE_RECHECK_S = 0  # no cache: a rolled-back test may leave the version where it was
