"""One worker of the web server, and a signed-in person of the province, for benches."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

START_PATIENCE_S = 60


@contextmanager
def worker(environment: Mapping[str, str]) -> Iterator[int]:
    """Its port. `environment` is added to this process's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "qintong.conf.asgi:application"]
    command += ["--port", str(port), "--log-level", "error", "--no-access-log"]
    command += ["--timeout-graceful-shutdown", "1"]
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        deadline = time.monotonic() + START_PATIENCE_S
        while not _answers(port):
            if time.monotonic() > deadline or process.poll() is not None:
                raise TimeoutError("the web server did not start")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def sign_in(permission: str) -> str:
    """Cookie of a person with this permission in the whole province. Makes what is missing."""
    from django.conf import settings
    from django.test import Client

    from qintong.base.identity.organisations import Organisation
    from qintong.base.identity.regions import Region
    from qintong.base.identity.role_assignments import RoleAssignment
    from qintong.base.identity.roles import Role
    from qintong.base.identity.users import User

    province, _ = Region.objects.get_or_create(
        code="610000", defaults={"name": "陕西省", "level": "province"}
    )
    organisation, _ = Organisation.objects.get_or_create(
        code="610000-DOT", defaults={"name": "省厅", "kind": "department", "region": province}
    )
    user = User.objects.filter(login_name="bench").first() or User.objects.create_user(
        "bench", None, name="测量", organisation=organisation, must_change_password=False
    )
    role, _ = Role.objects.get_or_create(
        code="bench", defaults={"name": "测量", "permissions": [permission]}
    )
    RoleAssignment.objects.get_or_create(
        user=user, role=role, region=province, valid_from=date(2020, 1, 1), basis="测量"
    )
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
