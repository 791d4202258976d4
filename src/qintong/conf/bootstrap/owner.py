"""The user that owns the cluster: PostgreSQL refuses root, so root hands it to an ordinary system user."""

import os
import pwd
import shutil
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from qintong.conf.bootstrap.command import run
from qintong.conf.bootstrap.trouble import Trouble

ACCOUNT = "qintong"
_OUTSIDE = Path("/var/lib/qintong")


@dataclass(frozen=True)
class Owner:
    """uid and gid to drop to; None when the caller is no root and keeps its own."""

    uid: int | None
    gid: int | None

    def keep(self, folder: Path) -> None:
        """Makes the folder, closed to everybody else."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)


def of_cluster() -> Owner:
    """For root the system user `qintong`, made when there is none; for anybody else the caller."""
    if os.geteuid() != 0:
        return Owner(None, None)
    try:
        account = pwd.getpwnam(ACCOUNT)
    except KeyError:
        if not shutil.which("useradd"):
            raise Trouble(
                f"没有系统用户 {ACCOUNT}，也没有 useradd",
                f"建一个名为 {ACCOUNT} 的系统用户后重来",
                f"there is no system user {ACCOUNT} and no useradd",
                f"create a system user named {ACCOUNT} and start again",
            ) from None
        run(
            "建系统用户",
            "creating the system user",
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT],
        )
        account = pwd.getpwnam(ACCOUNT)
    return Owner(account.pw_uid, account.pw_gid)


def place_for(folder: Path, owner: Owner) -> Path:
    """The folder itself when its owner can reach it, else one of the same purpose under /var/lib/qintong.

    A tree in the home folder of root, for example, cannot be entered by an ordinary user.
    """
    if owner.uid is None or all(_can_enter(parent, owner) for parent in folder.parents):
        return folder
    name = blake2b(str(folder).encode(), digest_size=6).hexdigest()
    _OUTSIDE.mkdir(parents=True, exist_ok=True)
    return _OUTSIDE / f"{folder.name}-{name}"


def _can_enter(folder: Path, owner: Owner) -> bool:
    if not folder.exists():
        return True  # to be made with the default mode
    facts = folder.stat()
    if facts.st_uid == owner.uid:
        return bool(facts.st_mode & 0o100)
    if facts.st_gid == owner.gid:
        return bool(facts.st_mode & 0o010)
    return bool(facts.st_mode & 0o001)
