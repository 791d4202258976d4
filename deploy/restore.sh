#!/bin/bash
# Restore, with Qintong stopped, into a place without data: deploy/restore.sh ARCHIVE
# QINTONG_VAR names the place; DATABASE_URL a database of another server, if it is not the private one.
set -euo pipefail
cd "$(dirname "$0")/.."
archive=$(realpath "${1:?usage: deploy/restore.sh ARCHIVE}")
mkdir -p "${QINTONG_VAR:-var}"
var=$(realpath "${QINTONG_VAR:-var}")
for part in log lake media postgres; do
    if [ -e "$var/$part" ]; then
        echo "$var/$part 已存在，用 QINTONG_VAR 指到空的目录" >&2
        echo "$var/$part exists: point QINTONG_VAR at an empty folder" >&2
        exit 1
    fi
done
tar --extract --file="$archive" --directory="$var"
PYTHONPATH=src python3 -m qintong.conf.bootstrap restore "$var/database.dump"
rm "$var/database.dump"
