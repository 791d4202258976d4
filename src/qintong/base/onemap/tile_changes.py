"""Which layers have changed: PostgreSQL says so at every commit that touched one."""

import asyncio
from collections import Counter

import psycopg
import structlog

from qintong.base.onemap.tile_tables import CHANNEL

log = structlog.get_logger()


class TileChanges:
    """Counts the changes of every layer. A tile is kept under the count read before its query began."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._counts: Counter[str] = Counter()
        self._epoch = 0
        self.is_listening = False
        """False: changes may go unheard, and no tile may be kept."""

    def version(self, layer: str) -> tuple[int, int]:
        return self._epoch, self._counts[layer]

    async def run(self) -> None:
        """Listen for ever; after a lost connection everything counts as changed."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._conninfo, autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._epoch += 1
                    self.is_listening = True
                    async for notice in connection.notifies():
                        self._counts[notice.payload] += 1
            except psycopg.OperationalError as error:
                log.warning("tile_changes_lost", error=str(error))
            finally:
                self.is_listening = False
            await asyncio.sleep(1)
