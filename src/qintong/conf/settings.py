"""Settings. Values come from the environment, with defaults that work on one machine."""

import os
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import pghistory

from qintong.conf.bootstrap.places import BASE_DIR, VAR_DIR, database_url

DEBUG = os.environ.get("QINTONG_DEBUG") == "1"
DEMO = os.environ.get("DEMO", "0") == "1"


def _secret_key() -> str:
    """The environment's key, else one made at first start and kept in var/."""
    if key := os.environ.get("QINTONG_SECRET_KEY"):
        return key
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        mine = path.with_name(f"secret_key.{os.getpid()}")
        mine.touch(mode=0o600)
        mine.write_text(os.urandom(48).hex())
        with suppress(FileExistsError):  # another process was quicker: its key counts
            os.link(mine, path)
        mine.unlink()
    return path.read_text()


def _database() -> dict[str, object]:
    """DATABASE_URL (postgres://user:password@host:port/name), else the private cluster of var/."""
    address = os.environ.get("DATABASE_URL") or database_url(VAR_DIR)
    url = urlsplit(address)
    query = dict(pair.split("=", 1) for pair in url.query.split("&") if pair)
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": url.path.lstrip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.get("host", url.hostname or ""),
        "PORT": str(url.port or query.get("port", "")),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}},
        "TEST": {"NAME": os.environ.get("QINTONG_TEST_DATABASE")},
    }


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("QINTONG_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
DATABASES = {"default": _database()}
if library := os.environ.get("QINTONG_GDAL"):  # unpacked in user space by the bootstrap
    GDAL_LIBRARY_PATH, GEOS_LIBRARY_PATH = library, os.environ["QINTONG_GEOS"]

INSTALLED_APPS = [
    "qintong.base.identity",
    "qintong.base.registry",
    "qintong.base.onemap",
    "qintong.business.roads",
    "qintong.decision.command",
    "qintong.decision.insight",
    "qintong.desk",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "django_htmx",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "qintong.conf.content_policy.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "qintong.base.identity.middleware.ScopeMiddleware",
]
ROOT_URLCONF = "qintong.conf.urls"
ASGI_APPLICATION = "qintong.conf.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "qintong.desk.menu.shell",
            ],
        },
    }
]

AUTH_USER_MODEL = "identity.User"
PASSWORD_HASHERS = ["qintong.base.identity.hashers.Argon2id"]
PGHISTORY_DEFAULT_TRACKERS = (
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
)
SCOPE_RECHECK_S = 1.0  # a changed role acts within this time in every process
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
if os.environ.get("QINTONG_HTTPS") == "1":  # behind a proxy that ends TLS
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "src" / "qintong" / "conf" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "qintong.conf.static_storage.HashedModules"},
}
SILENCED_SYSTEM_CHECKS = [
    "gis.W001",  # nobody's file is ever handed to GDAL: docs/adr/0006
    "urls.W003",  # names of entity pages hold their address; none has a namespace
]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
TILE_CACHE_MIB = int(os.environ.get("QINTONG_TILE_CACHE_MIB", "64"))
MAP_REVIEW_NUMBER = os.environ.get("QINTONG_MAP_REVIEW_NUMBER", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
