"""Whether the points add up: the ledger against the accounts, and the accounts against the lots."""

from collections.abc import Iterator

from portal.lib.db import db

_ACCOUNTS = """
SELECT m.number, COALESCE(a.balance, 0), COALESCE(e.available, 0),
       COALESCE(a.pending, 0), COALESCE(e.pending, 0), COALESCE(a.owed, 0), COALESCE(e.owed, 0),
       COALESCE(l.remaining, 0), COALESCE(l.waiting, 0)
FROM member m
LEFT JOIN points_account a ON a.member_id = m.id
LEFT JOIN (SELECT member_id, SUM(available) AS available, SUM(pending) AS pending,
           SUM(owed) AS owed FROM ledger_entry GROUP BY member_id) e ON e.member_id = m.id
LEFT JOIN (SELECT member_id, SUM(remaining) AS remaining,
           SUM(CASE WHEN matured_at IS NULL THEN points ELSE 0 END) AS waiting
           FROM points_lot GROUP BY member_id) l ON l.member_id = m.id
WHERE COALESCE(a.balance, 0) <> COALESCE(e.available, 0)
   OR COALESCE(a.pending, 0) <> COALESCE(e.pending, 0)
   OR COALESCE(a.owed, 0) <> COALESCE(e.owed, 0)
   OR COALESCE(a.balance, 0) <> COALESCE(l.remaining, 0)
   OR COALESCE(a.pending, 0) <> COALESCE(l.waiting, 0)
   OR (a.balance > 0 AND a.owed > 0)
ORDER BY m.number
"""

_VOUCHERS = """
SELECT m.number, COALESCE(v.points, 0), COALESCE(e.points, 0)
FROM member m
LEFT JOIN (SELECT member_id, SUM(points) AS points FROM voucher GROUP BY member_id) v
  ON v.member_id = m.id
LEFT JOIN (SELECT member_id, -SUM(available) AS points FROM ledger_entry
           WHERE kind = 'redeemed' GROUP BY member_id) e ON e.member_id = m.id
WHERE COALESCE(v.points, 0) <> COALESCE(e.points, 0)
ORDER BY m.number
"""


def problems() -> list[str]:
    """A sentence for every member whose points do not add up; empty when all is well."""
    return [*_accounts(), *_vouchers()]


def _accounts() -> Iterator[str]:
    for number, *held in db.execute_sql(_ACCOUNTS).fetchall():
        balance, available, pending, entered, owed, left, remaining, waiting = map(int, held)
        if balance != available:
            yield f"{number}: the balance is {balance}, its ledger says {available}"
        if pending != entered:
            yield f"{number}: {pending} points are pending, the ledger says {entered}"
        if owed != left:
            yield f"{number}: {owed} points are owed, the ledger says {left}"
        if balance != remaining:
            yield f"{number}: the balance is {balance}, its lots hold {remaining}"
        if pending != waiting:
            yield f"{number}: {pending} points are pending, its lots say {waiting}"
        if balance and owed:
            yield f"{number}: {owed} points are owed while {balance} can be spent"


def _vouchers() -> Iterator[str]:
    for number, made, spent in db.execute_sql(_VOUCHERS).fetchall():
        yield f"{number}: vouchers took {made} points, the ledger says {spent}"
