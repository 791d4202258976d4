"""Vector tiles, served before Django's middleware: /tiles/<app_label>.<model>/<z>/<x>/<y>.mvt"""

import asyncio
import re
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
import structlog
from django.conf import settings
from django.db import connection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from qintong.base.onemap.asgi_reply import Message, Receive, Send, header, reply, session_key
from qintong.base.onemap.map_layers import PAPER, MapLayer, map_layers
from qintong.base.onemap.tile_cache import TileCache
from qintong.base.onemap.tile_changes import TileChanges
from qintong.base.onemap.tile_query import tile_sql
from qintong.base.onemap.viewers import Viewer, Viewers

log = structlog.get_logger()

_PATH = re.compile(r"/tiles/([a-z_]+\.[a-z0-9_]+)/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt")
_TYPE = (b"content-type", b"application/vnd.mapbox-vector-tile")
_CONNECTIONS = 4


class TileServer:
    """One for each event loop: a pool, a cache and a listener of its own."""

    def __init__(self) -> None:
        self._layers = map_layers() | {PAPER.name: PAPER}
        self._viewers = Viewers()
        self._cache = TileCache(settings.TILE_CACHE_MIB * 2**20)
        self._changes = TileChanges(conninfo())
        self._under_way: dict[tuple[Any, ...], asyncio.Task[tuple[bytes, bytes]]] = {}
        self._pool = AsyncConnectionPool(
            conninfo(),
            min_size=1,
            max_size=_CONNECTIONS,
            timeout=10,
            open=False,
            kwargs={"autocommit": True, "prepare_threshold": 1},
            configure=_configure,
        )
        self._listening: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await reply(send, 405, headers=[(b"allow", b"GET, HEAD")])
            return
        found = self._address(scope["path"])
        if found is None:
            await reply(send, 404)
            return
        viewer = await self._viewers.viewer(session_key(scope))
        if viewer is None:
            await reply(send, 401)
            return
        item, z, x, y = found
        if not item.is_public and not viewer.scope.allows(item.resource.permission("view")):
            await reply(send, 403)
            return
        try:
            tile, tag = await self._tile(viewer, item, z, x, y)
        except (psycopg.Error, PoolTimeout) as error:
            log.error("tile_failed", layer=item.name, z=z, x=x, y=y, error=str(error))
            await reply(send, 503)
            return
        headers = [(b"etag", tag)]
        if header(scope, b"if-none-match") == tag:
            await reply(send, 304, headers=headers)
        else:
            await reply(send, 200, tile, [_TYPE, *headers])

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            await self._pool.close()

    def _address(self, path: str) -> tuple[MapLayer, int, int, int] | None:
        match = _PATH.fullmatch(path)
        item = self._layers.get(match[1]) if match else None
        if match is None or item is None:
            return None
        z, x, y = int(match[2]), int(match[3]), int(match[4])
        inside = item.layer.minzoom <= z <= item.layer.maxzoom and max(x, y) < 2**z
        return (item, z, x, y) if inside else None

    async def _tile(
        self, viewer: Viewer, item: MapLayer, z: int, x: int, y: int
    ) -> tuple[bytes, bytes]:
        """From memory, else from the database; the same tile asked for twice at once is made once."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._changes.run())
            await self._pool.open()
        key = (
            item.name,
            z,
            x,
            y,
            viewer.key,
            self._changes.version(item.name),
        )
        found = self._cache.get(key)
        if found is not None:
            return found
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._make(key, viewer, item))
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(task)

    async def _make(
        self, key: tuple[Any, ...], viewer: Viewer, item: MapLayer
    ) -> tuple[bytes, bytes]:
        _, z, x, y, _, _ = key
        statement = _statement(item, viewer, z)
        tile = b""
        if statement is not None:
            sql, params = statement
            async with self._pool.connection() as db:
                cursor = db.cursor(binary=True)
                await cursor.execute(sql, {"z": z, "x": x, "y": y, **params}, prepare=True)
                row = await cursor.fetchone()
                tile = (row[0] if row else None) or b""
        tag = b'"%s"' % blake2b(tile, digest_size=12).hexdigest().encode()
        if self._changes.is_listening:
            self._cache.put(key, tile, tag)
        return tile, tag


@lru_cache(maxsize=4096)
def _statement(item: MapLayer, viewer: Viewer, zoom: int) -> tuple[str, dict[str, Any]] | None:
    return tile_sql(item, viewer.scope, zoom)


async def _configure(db: psycopg.AsyncConnection[Any]) -> None:
    """A tile is short work: no compilation, and no plan made for each one."""
    db.prepared_max = 1000
    await db.execute("SET jit = off")
    await db.execute("SET plan_cache_mode = force_generic_plan")


def conninfo() -> str:
    """The database that Django uses, a test's included."""
    found = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        dbname=found["NAME"],
        user=found["USER"] or None,
        password=found["PASSWORD"] or None,
        host=found["HOST"] or None,
        port=found["PORT"] or None,
    )


_servers: WeakKeyDictionary[asyncio.AbstractEventLoop, TileServer] = WeakKeyDictionary()


async def close_tiles() -> None:
    """At the end of the process: give the connections of this event loop back."""
    server = _servers.pop(asyncio.get_running_loop(), None)
    if server is not None:
        await server.close()


async def serve_tiles(scope: Message, receive: Receive, send: Send) -> None:
    loop = asyncio.get_running_loop()
    if loop not in _servers:
        _servers[loop] = TileServer()
    await _servers[loop](scope, receive, send)
