"""State: where every vehicle is now. One memory-mapped file, one writer, any number of readers.

It is derived: deleted, it is built again from what the log still holds.
"""

from qintong.stream.state.layout import ROW, state_path
from qintong.stream.state.reader import Changes, State

__all__ = ["ROW", "Changes", "State", "state_path"]
