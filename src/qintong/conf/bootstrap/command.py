"""Running a program of set-up: full output in var/setup.log, a failure as one sentence."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from qintong.conf.bootstrap.certificates import STORE, trust
from qintong.conf.bootstrap.places import SETUP_LOG
from qintong.conf.bootstrap.trouble import Trouble

_NO_NETWORK = re.compile(
    r"Could not resolve|Temporary failure|Could not connect|Network is unreachable|ENOTFOUND|"
    r"ECONNREFUSED|EAI_AGAIN|ENETUNREACH|dns error|error sending request|NewConnectionError|"
    r"Failed to fetch|Unable to connect|Connection refused|tcp connect error",
    re.IGNORECASE,
)
_NO_TRUST = re.compile(
    r"invalid peer certificate|CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER|"
    r"UNABLE_TO_VERIFY_LEAF|unable to get local issuer|CERT_HAS_EXPIRED|certificate is not trusted",
    re.IGNORECASE,
)
_NO_DATABASE = re.compile(r"psycopg\S*OperationalError|db\.utils\.OperationalError|PoolTimeout")
_DISK_FULL = re.compile(r"No space left on device|ENOSPC|not have enough free space|Errno 28")
_LOCKED = re.compile(r"Could not get lock|is another process using it", re.IGNORECASE)


def run(
    what_zh: str,
    what_en: str,
    command: Sequence[str],
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    user: int | None = None,
    group: int | None = None,
) -> str:
    """Runs to the end and returns the output. `what` names the act for the sentence of a failure.

    Raises Trouble with the likely cause: certificates, network, disk, a lock, else the last line of the output.
    """
    SETUP_LOG.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command,
        check=False,
        cwd=cwd,
        env={**trust(), **os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        user=user,
        group=group,
        extra_groups=[] if user is not None else None,
    )
    with SETUP_LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    if done.returncode:
        raise explain(what_zh, what_en, done.stdout)
    return done.stdout


def explain(what_zh: str, what_en: str, output: str) -> Trouble:
    """The trouble behind a program's output."""
    if _DISK_FULL.search(output):
        return Trouble(
            f"{what_zh}时磁盘写满",
            "腾出空间后重来",
            f"the disk is full while {what_en}",
            "free some space and start again",
        )
    if _LOCKED.search(output):
        return Trouble(
            f"{what_zh}时软件包系统被别的程序占用",
            "等它结束后重来",
            f"the package system is in use by another program while {what_en}",
            "wait for it to end and start again",
        )
    if _NO_DATABASE.search(output):
        return Trouble(
            f"{what_zh}时数据库连不上",
            f"检查 DATABASE_URL 所指的服务器；详情见 {SETUP_LOG}",
            f"the database does not answer while {what_en}",
            f"check the server that DATABASE_URL names; see {SETUP_LOG}",
        )
    if _NO_TRUST.search(output):
        return Trouble(
            f"{what_zh}时软件源的证书不受信任",
            f"把单位网关的根证书加进 {STORE}（放到 /usr/local/share/ca-certificates 后运行 "
            "update-ca-certificates），并核对本机时间",
            f"the certificate of the package source is not trusted while {what_en}",
            f"add your gateway's root certificate to {STORE} (put it into "
            "/usr/local/share/ca-certificates and run update-ca-certificates) and check the clock",
        )
    if _NO_NETWORK.search(output):
        return Trouble(
            f"{what_zh}时网络不通",
            "检查网络和软件源后重来，已完成的步骤不会重做",
            f"no network while {what_en}",
            "check network and package sources and start again; finished steps are kept",
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = lines[-1][:240] if lines else "-"
    return Trouble(
        f"{what_zh}没有完成（{last}）",
        f"详情见 {SETUP_LOG}",
        f"failed while {what_en} ({last})",
        f"see {SETUP_LOG}",
    )
