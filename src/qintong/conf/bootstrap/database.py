"""The database of this run: the one DATABASE_URL names, else the private cluster under var/."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qintong.conf.bootstrap import cluster as clusters
from qintong.conf.bootstrap import packages
from qintong.conf.bootstrap.cluster import Cluster
from qintong.conf.bootstrap.places import VAR_DIR


def is_foreign() -> bool:
    """Whether DATABASE_URL points elsewhere, so that no cluster is started."""
    return bool(os.environ.get("DATABASE_URL"))


def environment(cluster: Cluster | None) -> dict[str, str]:
    """What the processes of the product need to reach it, and the libraries unpacked in user space."""
    found = {**os.environ, **packages.environment(), "QINTONG_VAR": str(VAR_DIR)}
    if cluster is not None:
        found["DATABASE_URL"] = cluster.url
    return found


@contextmanager
def running(var: Path, throwaway: bool = False) -> Iterator[Cluster | None]:
    """The private cluster for the time of the block, with its database; None when DATABASE_URL is set.

    Inside the block DATABASE_URL of this process names it. A cluster that ran before is left running.
    """
    if is_foreign():
        yield None
        return
    cluster = clusters.private(var, throwaway)
    ran_before = cluster.is_ready()
    cluster.start()
    try:
        cluster.create_database()
        os.environ["DATABASE_URL"] = cluster.url
        yield cluster
    finally:
        os.environ.pop("DATABASE_URL", None)
        if not ran_before:
            cluster.stop()
