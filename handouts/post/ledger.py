"""Turn a path into the open database of the outbox, made on first use, private to its owner."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_VERSION = 1
_PATIENCE = 10.0  # seconds that a reader waits while another process writes
_SCHEMA = """
CREATE TABLE message (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  client TEXT NOT NULL, campaign TEXT NOT NULL, pdf TEXT NOT NULL, copy INTEGER NOT NULL,
  sender TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, attachment TEXT NOT NULL,
  message_id TEXT NOT NULL, size INTEGER NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('pending', 'sending', 'sent', 'deferred', 'refused', 'in-doubt')),
  tries INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0,
  reply TEXT NOT NULL DEFAULT '', created REAL NOT NULL, changed REAL NOT NULL
);
CREATE INDEX message_client ON message (client, campaign);
CREATE TABLE content (name TEXT PRIMARY KEY REFERENCES message (name), data BLOB NOT NULL);
CREATE TABLE event (
  name TEXT NOT NULL REFERENCES message (name), at REAL NOT NULL, state TEXT NOT NULL,
  reply TEXT NOT NULL, account TEXT NOT NULL
);
CREATE INDEX event_account ON event (account, state, at);
"""


def open_ledger(file: Path) -> sqlite3.Connection:
    """Return the database, in which a commit is on the disk before it returns.

    Raises:
        OSError: the file cannot be made.
        sqlite3.Error: it is no outbox, or one of a newer version.
    """
    make_private(file)
    base = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)
    try:
        base.execute("PRAGMA journal_mode = WAL").fetchone()
        # FULL: what was committed is on the disk, whatever happens to the machine.
        base.execute("PRAGMA synchronous = FULL")
        base.execute("PRAGMA fullfsync = ON")  # macOS: past the disk's own cache
        base.execute("PRAGMA fullfsync = ON")  # macOS: past the disk's own cache
        base.execute("PRAGMA foreign_keys = ON")
        base.execute("PRAGMA secure_delete = ON")  # clients' PDFs do not stay behind
        _prepare(base)
    except BaseException:
        base.close()
        raise
    return base


def _prepare(base: sqlite3.Connection) -> None:
    if _read_version(base) == 0:
        base.execute("BEGIN IMMEDIATE")
        if _read_version(base) == 0:  # nobody was quicker
            for statement in _SCHEMA.split(";\n"):
                base.execute(statement)
            base.execute(f"PRAGMA user_version = {_VERSION}")
        base.execute("COMMIT")
    if _read_version(base) != _VERSION:
        raise sqlite3.DatabaseError("a newer version of handouts wrote it")


def _read_version(base: sqlite3.Connection) -> int:
    (version,) = base.execute("PRAGMA user_version").fetchone()
    return int(version)


def make_private(file: Path) -> None:
    """Make the file if it is not there, for nobody else's eyes; SQLite's own ones take after it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
