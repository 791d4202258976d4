"""Set-up fails with one clear sentence and its remedy, whatever goes wrong."""

import os
import re
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from qintong.conf.bootstrap import cluster as clusters
from qintong.conf.bootstrap import host, owner, packages, ports, stamps
from qintong.conf.bootstrap.certificates import trust
from qintong.conf.bootstrap.cluster import Cluster
from qintong.conf.bootstrap.command import explain, run
from qintong.conf.bootstrap.lock import only_one
from qintong.conf.bootstrap.owner import Owner
from qintong.conf.bootstrap.packages import Package
from qintong.conf.bootstrap.places import BASE_DIR
from qintong.conf.bootstrap.trouble import Trouble


def test_a_taken_port_is_reported_with_the_process_that_holds_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]

        with pytest.raises(Trouble) as caught:
            ports.require_free("127.0.0.1", port, "QINTONG_WEB_PORT")

    assert f"（进程 {os.getpid()}）" in caught.value.zh
    assert f"make run QINTONG_WEB_PORT={port + 1}" in caught.value.remedy_zh


def test_a_free_port_passes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]

    ports.require_free("127.0.0.1", port, "QINTONG_WEB_PORT")


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Trouble, match="QINTONG_HOST"):
        ports.require_free("192.0.2.1", 8700, "QINTONG_WEB_PORT")


@pytest.mark.parametrize("version", [(3, 9), (3, 10), (3, 13)])
def test_a_python_outside_the_range_is_refused(version: tuple[int, int]) -> None:
    with pytest.raises(Trouble, match=f"Python 3.{version[1]} 不合用"):
        host.require_python(version)


def test_the_bootstrap_runs_on_the_standard_library_alone() -> None:
    script = "import qintong.conf.bootstrap.__main__ as m; print(sorted(m.TARGETS))"

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, 'src'); {script}"],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "run" in done.stdout


def test_an_unknown_release_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "os-release").write_text('ID="plan9"\nVERSION_ID=4\n')
    found = host.release(tmp_path / "os-release")
    monkeypatch.setattr(host, "release", lambda: found)

    with pytest.raises(Trouble) as caught:
        packages.provide([Package("postgresql-15", "no/such/file")])

    assert "没有试过的系统 plan9 4，缺 postgresql-15" in caught.value.zh
    assert "Debian 12" in caught.value.remedy_zh


def test_too_little_space_names_folder_and_amounts(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as caught:
        host.require_space(tmp_path, 1e9)

    assert re.search(r"剩 [\d.]+ GB，要 1000000000.0 GB", caught.value.zh)


def test_a_missing_locale_is_named() -> None:
    with pytest.raises(Trouble, match=r"xx_XX\.UTF-8"):
        host.require_locale("xx_XX.UTF-8")


def test_a_second_run_is_told_the_process_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"

    with only_one(path, "make run"), pytest.raises(Trouble) as caught, only_one(path, "make run"):
        pass

    assert caught.value.zh == f"make run 已在运行（进程 {os.getpid()}）"


def test_the_lock_of_a_dead_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    path.write_text("1")

    with only_one(path, "make run"):
        assert path.read_text() == str(os.getpid())


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("E: Could not resolve 'mirror.example'", "网络不通"),
        ("error: Failed to fetch: `x`\n  Caused by: dns error", "网络不通"),
        ("npm error code ENOTFOUND", "网络不通"),
        ("error sending request\n  cause: invalid peer certificate: UnknownIssuer", "不受信任"),
        ("npm error code SELF_SIGNED_CERT_IN_CHAIN", "不受信任"),
        ("OSError: [Errno 28] No space left on device", "磁盘写满"),
        ("django.db.utils.OperationalError: connection refused", "数据库连不上"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend.", "被别的程序占用"),
        ("a\nsomething odd", "没有完成（something odd）"),
    ],
)
def test_the_output_of_a_program_becomes_a_sentence(output: str, sentence: str) -> None:
    assert sentence in explain("安装", "installing", output).zh


def test_tools_trust_the_certificates_of_the_machine(tmp_path: Path) -> None:
    store = tmp_path / "ca-certificates.crt"

    without = trust(store)
    store.touch()

    assert without == {}
    assert trust(store)["UV_SYSTEM_CERTS"] == "1"
    assert trust(store)["NODE_EXTRA_CA_CERTS"] == str(store)


def test_no_network_is_said_when_pip_cannot_reach_its_index(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        fetch = [sys.executable, "-c", f"import urllib.request as r; r.urlopen('{index}')"]

        with pytest.raises(Trouble, match="网络不通"):
            run("安装 uv", "installing uv", fetch)


def test_a_full_disk_is_said_when_a_program_hits_it() -> None:
    fill = [sys.executable, "-c", "open('/dev/full', 'w').write('x' * 100000)"]

    with pytest.raises(Trouble, match="磁盘写满"):
        run("收集静态文件", "collecting static files", fill)


def test_a_cluster_of_another_version_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("13\n")
    cluster = Cluster(tmp_path, tmp_path, Path("/usr/lib/postgresql/15/bin"), Owner(None, None))

    with pytest.raises(Trouble, match="postgresql-13"):
        clusters.require_same_version(cluster)


def test_a_pid_file_left_by_a_crash_is_cleared(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, tmp_path, tmp_path, Owner(None, None))
    file = tmp_path / "postmaster.pid"
    file.write_text(f"{os.getpid()}\n{tmp_path}\n")  # alive, but no server of this cluster

    cluster.clear_stale_pid()

    assert not file.exists()


def test_data_below_a_closed_folder_go_where_their_owner_can_enter(tmp_path: Path) -> None:
    nobody = Owner(65534, 65534)
    tmp_path.chmod(0o700)

    assert owner.place_for(tmp_path / "postgres", nobody).parent == Path("/var/lib/qintong")
    assert owner.place_for(tmp_path / "postgres", Owner(None, None)) == tmp_path / "postgres"


def test_a_socket_path_stays_short(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 80) / "postgres"

    assert len(str(clusters.socket_folder(deep))) < 60
    assert clusters.socket_folder(Path("/srv/q/postgres")) == Path("/srv/q/postgres-run")


def test_a_step_is_done_again_only_when_its_input_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "STAMP_DIR", tmp_path)
    done: list[str] = []

    for value in ("one", "one", "two"):
        stamps.unless_stamped("step", value, lambda value=value: done.append(value))

    assert done == ["one", "two"]


def test_a_step_that_failed_is_not_stamped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "STAMP_DIR", tmp_path)

    def fail() -> None:
        raise Trouble("坏了", "修", "broken", "mend")

    with pytest.raises(Trouble):
        stamps.unless_stamped("step", "one", fail)

    assert not (tmp_path / "step").exists()


def test_every_target_is_listed_by_help() -> None:
    makefile = (BASE_DIR / "Makefile").read_text()
    declared = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert declared

    shown = subprocess.run(
        ["make", "help"], cwd=BASE_DIR, capture_output=True, text=True, check=True
    ).stdout

    for target in declared[1].split():
        assert f"make {target} " in shown
    assert len(shown.splitlines()) <= 24, textwrap.indent(shown, "  ")
