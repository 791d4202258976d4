"""The compiled kernels do what their Python text says, on any reports."""

import numpy as np
import pytest

from qintong.stream.rules import Rule, overspeed, sos
from qintong.stream.rules.incidents import Incidents
from qintong.stream.rules.table import in_force
from qintong.stream.rules.tests.test_rules import NOON

VEHICLES, REPORTS = 20, 3000


@pytest.mark.parametrize("seed", range(5))
def test_overspeed_kernel_is_its_plain_text(seed: int, monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(seed)
    place = random.integers(0, VEHICLES, REPORTS)
    at = NOON + np.sort(random.integers(0, 4_000_000, REPORTS)) - random.integers(0, 9000, REPORTS)
    received = at + random.integers(0, 900_000, REPORTS)
    speed = random.uniform(60, 130, REPORTS).astype(np.float32)
    limit = np.where(np.arange(VEHICLES) % 5 == 0, 0.0, 90.0)
    arguments = (place, at, received, speed, limit, in_force(Rule.OVERSPEED, NOON))
    compiled, plain = Incidents.of(VEHICLES), Incidents.of(VEHICLES)

    signs = overspeed.judge(compiled, *arguments)
    monkeypatch.setattr(overspeed, "_judge", overspeed._judge.py_func)
    wanted = overspeed.judge(plain, *arguments)

    assert len(signs) > 100
    assert (signs == wanted).all()
    assert all((a == b).all() for a, b in zip(compiled.arrays(), plain.arrays(), strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_sos_kernel_is_its_plain_text(seed: int, monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(seed)
    place = random.integers(0, VEHICLES, REPORTS)
    at = NOON + np.sort(random.integers(0, 90_000_000, REPORTS))
    received = at + random.integers(0, 100_000_000, REPORTS)
    arguments = (place, at, received, in_force(Rule.SOS, NOON))
    compiled, plain = Incidents.of(VEHICLES), Incidents.of(VEHICLES)

    signs = sos.judge(compiled, *arguments)
    monkeypatch.setattr(sos, "_judge", sos._judge.py_func)
    wanted = sos.judge(plain, *arguments)

    assert len(signs) > 100
    assert (signs == wanted).all()
    assert all((a == b).all() for a, b in zip(compiled.arrays(), plain.arrays(), strict=True))
