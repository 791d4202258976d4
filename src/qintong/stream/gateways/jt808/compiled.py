"""Compiling kernels, with a cache that knows all their sources.

numba recompiles a cached function when its own file changes, not when a function or a constant of
another file that went into it does. So the cache's directory bears a digest of all those files.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config as _config
from numba import njit

from qintong.stream import quality
from qintong.stream.gateways import reasons


def _digest() -> str:
    sources = [*Path(__file__).parent.glob("*.py"), Path(quality.__file__), Path(reasons.__file__)]
    return hashlib.sha256(b"".join(p.read_bytes() for p in sorted(sources))).hexdigest()[:16]


config: Any = _config  # numba fills in its options at import, unseen by a type checker
_ROOT = Path(config.CACHE_DIR or Path(__file__).parent / "__pycache__")
_CACHE = str(_ROOT / f"jt808-{_digest()}")


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel: compiled at its first call or loaded from the cache; runs without the interpreter lock.

    The directory is NUMBA_CACHE_DIR if the process was started with it, else `__pycache__`.
    """
    dispatcher = njit(nogil=True)(function)
    before, config.CACHE_DIR = config.CACHE_DIR, _CACHE
    dispatcher.enable_caching()
    config.CACHE_DIR = before
    result: Callable[..., Any] = dispatcher
    return result
