"""Bodies of the messages that a simulated terminal sends (JT/T 808-2011, -2013, -2019)."""

from datetime import datetime, timedelta, timezone

import numpy as np

from qintong.stream.simulator.fleet import Fleet

REGISTER, AUTHENTICATE, HEARTBEAT, POSITION, BATCH, LOGOUT = (
    0x0100,
    0x0102,
    0x0002,
    0x0200,
    0x0704,
    0x0003,
)
PROVINCE, CITY = 61, 100
MAKER, MODEL, FIRMWARE = b"QTSIM", b"QT-SIM", b"1.0"
DEVICE_ZONE = timezone(timedelta(hours=8))

SOS, OVERSPEED = 1 << 0, 1 << 1
IGNITION, FIXED, BY_GPS, BY_BEIDOU, MOVING = 1 << 0, 1 << 1, 1 << 18, 1 << 19, 1 << 22

BODY = np.dtype(
    [
        ("alarm", ">u4"),
        ("status", ">u4"),
        ("lat", ">u4"),
        ("lon", ">u4"),
        ("altitude", ">u2"),
        ("speed", ">u2"),
        ("heading", ">u2"),
        ("time", "V6"),
        ("id_01", ">u2"),
        ("mileage", ">u4"),
        ("id_02", ">u2"),
        ("fuel", ">u2"),
        ("id_03", ">u2"),
        ("recorder_speed", ">u2"),
        ("id_30", ">u2"),
        ("signal", "u1"),
        ("id_31", ">u2"),
        ("satellites", "u1"),
    ]
)
"""0x0200 with the items mileage, fuel, recorder speed, signal and satellites: 28 + 20 bytes.
`id_NN` holds identifier and length of the item that follows."""


def positions(
    fleet: Fleet, who: np.ndarray, at: datetime, random: np.random.Generator
) -> np.ndarray:
    """0x0200 bodies of these vehicles, as records of BODY. `random` is the noise of the sensors.

    Bit 22 (moving) is reserved before 2019 and sent by many older devices all the same.
    """
    bodies = np.zeros(len(who), BODY)
    fixed, running, speed = fleet.fixed[who], fleet.running[who], fleet.speed_kmh[who]
    over = speed > fleet.legal_kmh[who]
    bodies["alarm"] = fleet.calling[who] * SOS + over * OVERSPEED
    bodies["status"] = (
        running * IGNITION + fixed * (FIXED | BY_GPS | BY_BEIDOU) + (speed > 1) * MOVING
    )
    noise = random.normal(0, 3e-5, (2, len(who))) * fixed
    bodies["lat"] = np.rint((fleet.lat[who] + noise[0]) * 1e6)
    bodies["lon"] = np.rint((fleet.lon[who] + noise[1]) * 1e6)
    bodies["altitude"] = fleet.altitude_m[who]
    bodies["speed"] = np.rint(np.where(fixed, speed, 0) * 10)
    bodies["heading"] = fleet.heading[who]
    bodies["time"] = np.frombuffer(bcd_time(at), "V6")[0]
    bodies["id_01"], bodies["mileage"] = 0x0104, fleet.odometer_m[who] / 100
    bodies["id_02"], bodies["fuel"] = 0x0202, fleet.fuel_l[who] * 10
    bodies["id_03"], bodies["recorder_speed"] = 0x0302, np.rint(speed * 10)
    bodies["id_30"], bodies["signal"] = 0x3001, random.integers(14, 32, len(who))
    bodies["id_31"] = 0x3101
    bodies["satellites"] = np.where(fixed, random.integers(9, 22, len(who)), 0)
    return bodies


def bcd_time(at: datetime) -> bytes:
    """BCD[6] in GMT+8, as terminals write it."""
    return bytes.fromhex(at.astimezone(DEVICE_ZONE).strftime("%y%m%d%H%M%S"))


def registration(edition: int, device_number: str, plate: str, colour: int) -> bytes:
    """0x0100 in the widths of the edition (11, 13 or 19)."""
    maker, model, number = {11: (5, 8, 7), 13: (5, 20, 7), 19: (11, 30, 30)}[edition]
    return b"".join(
        (
            PROVINCE.to_bytes(2, "big"),
            CITY.to_bytes(2, "big"),
            MAKER.ljust(maker, b"\0"),
            MODEL.ljust(model, b"\0"),
            device_number.encode("ascii", "replace")[:number].ljust(number, b"\0"),
            bytes((colour,)),
            plate.encode("gbk", "replace"),
        )
    )


def authentication(edition: int, token: bytes, device_number: str) -> bytes:
    """0x0102: the token alone, or with length, IMEI and version in 2019."""
    if edition != 19:
        return token
    imei = device_number.encode("ascii", "replace")[-15:].rjust(15, b"0")
    return bytes((len(token),)) + token + imei + FIRMWARE.ljust(20, b"\0")


def backfill(bodies: list[bytes]) -> bytes:
    """0x0704 type 1: reports kept while there was no link. The caller keeps it under 1,023 bytes."""
    items = b"".join(len(body).to_bytes(2, "big") + body for body in bodies)
    return len(bodies).to_bytes(2, "big") + b"\x01" + items
