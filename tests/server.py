"""The real application on a port, for tests that go through the wire."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn


@pytest.fixture(scope="session")
def _application() -> Iterator[str]:
    """The ASGI application in a thread of this process, so that it sees the test database."""
    from qintong.conf.asgi import application

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(
                application, log_level="warning", lifespan="on", timeout_graceful_shutdown=2
            )
        )
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        deadline = time.monotonic() + 30
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise RuntimeError("the application did not start")
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def server(transactional_db: None, _application: str) -> str:
    """Address of the running application. Rows made in the test are visible to it."""
    return _application
