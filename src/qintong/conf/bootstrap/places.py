"""Where things lie: the source tree, its var/ folder and what the bootstrap keeps in it."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[4]
VAR_DIR = Path(os.environ.get("QINTONG_VAR") or BASE_DIR / "var").resolve()
VENV_DIR = BASE_DIR / ".venv"
SEED_DIR = BASE_DIR / "src" / "qintong" / "base" / "registry" / "seed"
VENDOR_DIR = BASE_DIR / "src" / "qintong" / "desk" / "static" / "vendor"
STAMP_DIR = VAR_DIR / "stamps"
SETUP_LOG = VAR_DIR / "setup.log"
PREFIX_DIR = BASE_DIR / "var" / "prefix"
"""Distribution packages unpacked in user space, where neither root nor sudo is at hand."""


def venv_program(name: str) -> str:
    return str(VENV_DIR / "bin" / name)


def database_url(var: Path) -> str:
    """Address of the private cluster that belongs to a var/ folder, as its maker wrote it there."""
    note = var / "database_url"
    if note.exists():
        return note.read_text()
    return f"postgres://qintong@/qintong?host={var / 'postgres-run'}"
