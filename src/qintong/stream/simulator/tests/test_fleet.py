import numpy as np

from qintong.stream.simulator.fleet import Behaviour, Fleet


def drive(fleet, seconds):
    for _ in range(int(seconds)):
        fleet.step(1.0)
    return fleet


def test_the_same_seed_makes_the_same_journeys(roads):
    limits = np.full(50, 90.0)

    one, two = drive(Fleet(roads, limits, 7), 300), drive(Fleet(roads, limits, 7), 300)

    assert np.array_equal(one.at, two.at)
    assert np.array_equal(one.speed_kmh, two.speed_kmh)


def test_nobody_exceeds_the_limit_without_haste(roads):
    calm = Behaviour(overspeed_per_hour=0)

    fleet = drive(Fleet(roads, np.full(200, 80.0), 1, calm), 300)

    assert fleet.speed_kmh.max() <= 80.0


def test_haste_exceeds_the_limit_of_the_vehicle(roads):
    hasty = Behaviour(overspeed_per_hour=20_000, overspeed_s=(200, 300))

    fleet = drive(Fleet(roads, np.full(100, 80.0), 1, hasty), 120)

    assert (fleet.speed_kmh > 80).any()


def test_a_receiver_in_a_tunnel_keeps_its_last_fix(roads):
    fleet = Fleet(roads, np.full(1, 90.0), 1, Behaviour())
    fleet.route[:], fleet.forward[:], fleet.resting_until[:] = 0, 1.0, 0
    fleet.at[:] = roads.start[0] + 11_800
    fleet.step(0.1)
    before = fleet.lon[0]

    drive(fleet, 60)

    assert not fleet.fixed[0]
    assert abs(fleet.lon[0] - before) < 0.005
    assert fleet.speed_kmh[0] > 30


def test_vehicles_stay_on_their_routes_and_go_both_ways(roads):
    fleet = drive(Fleet(roads, np.full(300, 90.0), 3), 900)

    assert (fleet.at >= roads.start[fleet.route]).all()
    assert (fleet.at <= roads.end[fleet.route]).all()
    assert set(np.unique(fleet.forward)) == {-1.0, 1.0}
