"""The product's settings with the register of road segments added."""

from qintong.conf.settings import *  # noqa: F403
from qintong.conf.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "bench.segments"]
