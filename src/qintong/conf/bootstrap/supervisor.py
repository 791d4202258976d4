"""The supervisor: starts processes, prefixes their output, restarts those that fall, stops all of them.

One thread and one loop. A process that dies again and again waits longer each time, up to half a minute.
Should the supervisor itself be killed, the kernel stops its children for it.
"""

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from qintong.conf.bootstrap.processes import Process

LONGEST_WAIT_S = 30.0
STEADY_S = 60.0
"""A process that has run this long is forgiven its earlier falls."""
PATIENCE_S = 15.0
"""Time a process has to end by itself before it is killed."""


@dataclass
class _Child:
    process: Process
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    falls: int = 0
    restart_at: float = 0.0


class Supervisor:
    """Holds the children in the order of their start. `say` gets every line for the terminal."""

    def __init__(self, say: Callable[[str], None], environment: Mapping[str, str]) -> None:
        self._say = say
        self._environment = environment
        self._children: dict[str, _Child] = {}
        self._outputs = selectors.DefaultSelector()
        self._buffers: dict[int, bytes] = {}

    def start(self, process: Process) -> None:
        child = _Child(process)
        self._children[process.name] = child
        self._spawn(child)

    def names(self) -> list[str]:
        return list(self._children)

    def pid(self, name: str) -> int | None:
        running = self._children[name].running
        return running.pid if running else None

    def watch(self, seconds: float = 0.25) -> None:
        """One turn of the loop: passes on output, notices the dead, restarts those whose time has come."""
        self._read(seconds)
        now = time.monotonic()
        for child in self._children.values():
            if child.running is not None and child.running.poll() is not None:
                self._fell(child, child.running.returncode, now)
            elif child.running is None and now >= child.restart_at:
                self._spawn(child)
            elif child.falls and child.running and now - child.started_at > STEADY_S:
                child.falls = 0

    def restart(self, name: str, why: str) -> None:
        """Kills a process that is alive but does not answer; the loop starts it again."""
        child = self._children[name]
        if child.running is not None:
            self._say(f"{name:9}| {why}，重启")
            _signal(child.running, signal.SIGKILL)

    def stop(self, names: Sequence[str] | None = None, patience_s: float = PATIENCE_S) -> None:
        """Asks all (or these) to end at once, waits, then kills what is left. Output is passed on."""
        chosen = [self._children.pop(name) for name in (self.names() if names is None else names)]
        running = [child for child in chosen if child.running is not None]
        for child in running:
            _signal(child.running, child.process.stop_signal)
        deadline = time.monotonic() + patience_s
        while any(child.running.poll() is None for child in running if child.running):
            self._read(0.05)
            if time.monotonic() > deadline:
                for child in running:
                    if child.running and child.running.poll() is None:
                        self._say(f"{child.process.name:9}| {patience_s:.0f} 秒没有结束，强行停止")
                        _signal(child.running, signal.SIGKILL)
                deadline = float("inf")
        self._read(0.0)

    def _spawn(self, child: _Child) -> None:
        process = child.process
        running = subprocess.Popen(
            [*_tied(process.stop_signal), *process.command],
            env={**self._environment, **process.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=process.uid,
            group=process.gid,
            extra_groups=[] if process.uid is not None else None,
        )
        assert running.stdout is not None
        os.set_blocking(running.stdout.fileno(), False)
        self._outputs.register(running.stdout, selectors.EVENT_READ, process)
        child.running, child.started_at = running, time.monotonic()

    def _fell(self, child: _Child, code: int, now: float) -> None:
        child.running = None
        child.falls += 1
        wait_s = min(LONGEST_WAIT_S, 0.5 * 2**child.falls)
        child.restart_at = now + wait_s
        cause = signal.Signals(-code).name if code < 0 else f"退出码 {code}"
        self._say(f"{child.process.name:9}| 意外结束（{cause}），{wait_s:.0f} 秒后重启")

    def _read(self, seconds: float) -> None:
        if not self._outputs.get_map():
            time.sleep(seconds)
            return
        for key, _ in self._outputs.select(seconds):
            data = os.read(key.fd, 65536)
            lines = (self._buffers.pop(key.fd, b"") + data).split(b"\n")
            if data:
                self._buffers[key.fd] = lines.pop()
            else:
                self._outputs.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]  # the pipe registered in _spawn
            for line in lines:
                self._show(key.data, line.decode("utf-8", "replace").rstrip())

    def _show(self, process: Process, line: str) -> None:
        if line.strip() and not (process.hide and process.hide in line):
            self._say(f"{process.name:9}| {line}")


def _tied(stop_signal: signal.Signals) -> list[str]:
    """Prefix by which the kernel sends the child its stop signal when the supervisor dies."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", stop_signal.name.removeprefix("SIG"), "--"] if setpriv else []


def _signal(running: subprocess.Popen[bytes] | None, number: signal.Signals) -> None:
    """To the process and to those it started."""
    if running is None:
        return
    try:
        os.killpg(running.pid, number)
    except ProcessLookupError:
        return
