"""A throw-away cluster for a run of pytest outside `make test`."""

import atexit
from pathlib import Path

from qintong.conf.bootstrap import cluster


def start(var: Path) -> str:
    """Starts it, stops it when this process ends, returns its DATABASE_URL.

    Workers of pytest-xdist find DATABASE_URL set by the process that started them.
    """
    private = cluster.private(var, throwaway=True)
    ran_before = private.is_ready()
    private.start()
    if not ran_before:
        atexit.register(private.stop)
    private.create_database()
    return private.url
