"""Vector tiles per second and worker, through the real application, with a session and its scope.

One million segments of eight points lie over the province. Uncached figures come from a server that
keeps no tile; every tile of the province is asked for in turn, so that none is asked for twice at once.
"""

import argparse
import asyncio
import math
import os
import random
import time
from itertools import cycle

from bench import harness, web_stage

SEGMENTS = 1_000_000
BOX = (105.5, 31.8, 111.0, 39.4)
CLIENTS = 6

_FILL = """
INSERT INTO segments_segment (name, road_class, lanes, region_id, geom, is_demo)
SELECT 'S' || i, CASE WHEN r < 0.02 THEN 'national' WHEN r < 0.06 THEN 'provincial'
    WHEN r < 0.20 THEN 'county' WHEN r < 0.40 THEN 'township' ELSE 'village' END, 2 + i %% 4,
    (SELECT array_agg(id ORDER BY id) FROM identity_region WHERE level = 'county')[1 + i %% 107],
    (SELECT ST_SetSRID(ST_MakeLine(array_agg(ST_MakePoint(
        x + k * 0.002 * cos(a) + 0.0003 * sin(k * 3 + i),
        y + k * 0.002 * sin(a) + 0.0003 * cos(k * 5 + i)) ORDER BY k)), 4490)
        FROM generate_series(0, 7) k), true
FROM (SELECT i, random() r, %s + random() * %s x, %s + random() * %s y, random() * 6.283 a
    FROM generate_series(%s, %s) i) s
"""


def measure(options: argparse.Namespace) -> harness.Figures:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.tile_settings"
    with harness.database("tiles"):
        session = web_stage.sign_in("segments.view_segment")
        _prepare()
        share = options.seconds / 4
        figures: dict[str, float] = {}
        with web_stage.worker({"QINTONG_TILE_CACHE_MIB": "0"}) as port:
            for zoom in (14, 10, 8):
                tiles = _tiles(zoom)
                _run(port, session, tiles, share / 4)
                figures[f"z{zoom}_per_s"], figures[f"z{zoom}_kib"] = _run(
                    port, session, tiles, share
                )
        with web_stage.worker({}) as port:
            tiles = _tiles(14)[:300]
            _run(port, session, tiles, 1)
            figures["cached_per_s"], _ = _run(port, session, tiles, share)
    return {"segments": SEGMENTS, **figures}


def _prepare() -> None:
    """Makes the regions and the segments that are missing."""
    from django.db import connection

    from bench.segments.models import Segment
    from qintong.base.identity.regions import Region

    if Region.objects.filter(level="county").count() < 107:
        Region.objects.bulk_create(
            Region(code=f"61{1 + i % 10:02}{1 + i // 10:02}", name=f"县 {i}", level="county")
            for i in range(107)
        )
    west, south, east, north = BOX
    with connection.cursor() as cursor:
        step = 100_000
        for first in range(Segment.objects.count() + 1, SEGMENTS, step):
            bounds = [west, east - west, south, north - south, first, first + step - 1]
            cursor.execute(_FILL, bounds)
        cursor.execute("VACUUM ANALYZE tiles.segments_segment")


def _tiles(zoom: int) -> list[tuple[int, int, int]]:
    """All tiles inside the box, in an order that has nothing to do with place."""
    west, south, east, north = BOX

    def place(lon: float, lat: float) -> tuple[int, int]:
        y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
        return int((lon + 180) / 360 * 2**zoom), int(y * 2**zoom)

    (x0, y0), (x1, y1) = place(west, north), place(east, south)
    tiles = [(zoom, x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)]
    random.Random(zoom).shuffle(tiles)
    return tiles


def _run(
    port: int, cookie: str, tiles: list[tuple[int, int, int]], seconds: float
) -> tuple[float, float]:
    """(tiles per second, mean KiB) over `seconds`, by CLIENTS kept-alive links."""
    turn = cycle(tiles)

    async def client(until: float) -> tuple[int, int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = size = 0
        while time.monotonic() < until:
            z, x, y = next(turn)
            path = f"/tiles/segments.segment/{z}/{x}/{y}.mvt"
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"{path}: {head[:80]!r}")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0])
            await reader.readexactly(length)
            count, size = count + 1, size + length
        writer.close()
        return count, size

    async def clients() -> tuple[float, float]:
        start = time.monotonic()
        results = await asyncio.gather(*(client(start + seconds) for _ in range(CLIENTS)))
        count = sum(done for done, _ in results)
        size = sum(done for _, done in results)
        return count / (time.monotonic() - start), size / count / 1024

    return asyncio.run(clients())


if __name__ == "__main__":
    harness.main("tiles", measure)
