from pathlib import Path

import numpy as np
import pytest

from qintong.stream.simulator.roads import RoadsError, read_roads


def test_a_shared_section_told_by_its_ends_follows_the_other_route(roads):
    shared_middle = roads.start[2] + 65_000

    lon, lat = roads.place(np.array([shared_middle]))

    assert lat[0] == pytest.approx(34.0, abs=0.02)
    assert 108.4 < lon[0] < 108.7


def test_a_tunnel_covers_its_length_around_its_middle(roads):
    inside, outside = roads.start[0] + 20_000, roads.start[0] + 45_000

    covered = roads.in_tunnel(np.array([inside, outside]))

    assert covered.tolist() == [True, False]


def test_bearing_points_along_increasing_stakes(roads):
    east, north = roads.bearing(np.array([roads.start[0] + 100, roads.start[1] + 100]))

    assert east == pytest.approx(90)
    assert north == pytest.approx(0, abs=0.01)


def test_missing_route_files_are_named(tmp_path: Path):
    with pytest.raises(RoadsError, match=r"routes\.csv"):
        read_roads(tmp_path)
