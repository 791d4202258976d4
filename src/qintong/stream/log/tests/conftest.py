"""Backends the contract is held against. Another backend is one more entry."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qintong.stream.log import Log
from qintong.stream.log.local import LocalLog

Backend = Callable[[str | None], Log]


def _local(root: Path) -> Backend:
    return lambda writer: LocalLog(root, writer, segment_size=20_000)


@pytest.fixture(params=[pytest.param(_local, id="local")])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    """Opens the same empty log for any writer, as often as wanted."""
    return request.param(tmp_path / "log")
