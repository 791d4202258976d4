"""Checks the chain of audit records: names the first that was changed, removed or put in."""

from dataclasses import dataclass

from django.db import connection

CHECK = """
SELECT id, CASE WHEN id <> expected_id THEN 'gap'
                WHEN previous_hash <> last_hash THEN 'link'
                ELSE 'row' END
FROM (SELECT r.id, r.previous_hash, r.hash, identity_audit_hash(r.previous_hash, r) AS right_hash,
             coalesce(lag(r.hash) OVER w, '') AS last_hash,
             coalesce(lag(r.id) OVER w, 0) + 1 AS expected_id
      FROM identity_auditrecord r WINDOW w AS (ORDER BY r.id)) checked
WHERE id <> expected_id OR previous_hash <> last_hash OR hash <> right_hash
ORDER BY id LIMIT 1
"""
REASONS = {
    "gap": "此前有记录被删去",
    "link": "与前一条接不上：前一条被改过或这一条是插入的",
    "row": "这一条的内容被改过",
}


@dataclass(frozen=True, slots=True)
class Break:
    record_id: int
    reason: str


def first_break() -> Break | None:
    """None: every record is as it was written. Records cut off at the end are told by the count
    and last hash of an earlier check, which must be kept off the machine."""
    with connection.cursor() as cursor:
        cursor.execute(CHECK)
        row = cursor.fetchone()
    return Break(row[0], REASONS[row[1]]) if row else None


def last_link() -> tuple[int, str]:
    """Number and hash of the last record: the anchor to be kept elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, hash FROM identity_auditrecord ORDER BY id DESC LIMIT 1")
        return cursor.fetchone() or (0, "")
