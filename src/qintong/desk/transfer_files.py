"""Files of imports and exports under MEDIA_ROOT/transfers. Names are ours: no name a person gave reaches the disk."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

BLOCK = 256 * 1024
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}


def folder() -> Path:
    path = Path(settings.MEDIA_ROOT) / "transfers"
    path.mkdir(parents=True, exist_ok=True)
    return path


def new_name(suffix: str) -> str:
    """A name that cannot be guessed, with one of our own suffixes."""
    return f"{secrets.token_hex(16)}.{suffix}"


def path_of(name: str) -> Path:
    """Raises ValueError for anything but a bare name of ours."""
    path = folder() / name
    if not name or path.parent != folder() or path.name != name:
        raise ValueError(f"not a transfer file: {name!r}")
    return path


def store(upload: UploadedFile) -> str:
    """Keeps an upload; → its name."""
    name = new_name("upload")
    with path_of(name).open("wb") as file:
        for block in upload.chunks():
            file.write(block)
    return name


def delete(*names: str) -> None:
    for name in names:
        if name:
            path_of(name).unlink(missing_ok=True)


def send(request: HttpRequest, path: Path, name: str, once: bool = False) -> StreamingHttpResponse:
    """The file as a download, block by block on either kind of server. `once`: it goes when opened."""
    size, file = path.stat().st_size, path.open("rb")
    if once:
        path.unlink()
    blocks: Any = _blocks_async(file) if isinstance(request, ASGIRequest) else _blocks(file)
    suffix = name.rpartition(".")[2]
    response = StreamingHttpResponse(
        blocks, content_type=TYPES.get(suffix, "application/octet-stream")
    )
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK):
            yield block


async def _blocks_async(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while block := await sync_to_async(file.read, thread_sensitive=False)(BLOCK):
            yield block
