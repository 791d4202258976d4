#!/bin/bash
# Backup of a running Qintong: deploy/backup.sh FOLDER
# Writes FOLDER/qintong-TIME.tar: consumer offsets, database, log, lake, media, secret key.
#
# Order is what makes it consistent. Offsets are taken before the database: what the database has not
# seen is given to it again from the log, and doing so twice is harmless (docs/adr/0010). Lake files are
# linked before and after its manifest is copied, so none that it names can be missing. Segments of the
# log only grow; a torn tail is repaired at start. The state of the map is made anew from the log.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath "${1:?usage: deploy/backup.sh FOLDER}")
var=$(realpath "${QINTONG_VAR:-var}")
address=${DATABASE_URL:-$(cat "$var/database_url")}
for programs in {var/prefix,}/usr/lib/postgresql/*/bin; do [ -x "$programs/pg_dump" ] && break; done
work=$(mktemp -d "$var/backup.XXXXXX")
trap 'rm -rf "$work"' EXIT

if [ -d "$var/log" ]; then
    (cd "$var" && find log -name '*.offset' ! -name 'state.offset' -print0 |
        tar --create --null --files-from=- --file="$work/offsets")
fi
"$programs/pg_dump" --format=custom --file="$work/database.dump" "$address"
if [ -d "$var/log" ]; then
    cp -al "$var/log" "$work/log"
    find "$work/log" -name '*.offset' -delete
    tar --extract --file="$work/offsets" --directory="$work"
    rm "$work/offsets"
fi
if [ -d "$var/lake" ]; then
    link() { (cd "$var" && find lake -type f ! -name manifest -exec cp -lnf --parents {} "$work" \;); }
    link
    (cd "$var" && find lake -name manifest -exec cp --parents {} "$work" \;)
    link
fi
for part in media secret_key; do
    if [ -e "$var/$part" ]; then cp -a "$var/$part" "$work/$part"; fi
done
archive="$folder/qintong-$(date -u +%Y%m%dT%H%M%SZ).tar"
(cd "$work" && tar --create --file="$archive.part" -- *) || [ $? = 1 ] # 1: a segment grew meanwhile
mv "$archive.part" "$archive"
echo "$archive"
