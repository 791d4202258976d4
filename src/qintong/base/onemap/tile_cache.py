"""Tiles kept in the memory of one web process."""

from collections import OrderedDict
from collections.abc import Hashable


class TileCache:
    """Least recently used tiles go first when `most_bytes` is exceeded."""

    def __init__(self, most_bytes: int) -> None:
        self._tiles: OrderedDict[Hashable, tuple[bytes, bytes]] = OrderedDict()
        self._most_bytes = most_bytes
        self._bytes = 0

    def get(self, key: Hashable) -> tuple[bytes, bytes] | None:
        """(tile, its entity tag)."""
        found = self._tiles.get(key)
        if found is not None:
            self._tiles.move_to_end(key)
        return found

    def put(self, key: Hashable, tile: bytes, tag: bytes) -> None:
        if key in self._tiles:
            return
        self._tiles[key] = (tile, tag)
        self._bytes += len(tile) + _OVERHEAD
        while self._bytes > self._most_bytes:
            _, (gone, _) = self._tiles.popitem(last=False)
            self._bytes -= len(gone) + _OVERHEAD


_OVERHEAD = 400
"""Bytes of Python objects beside each tile."""
