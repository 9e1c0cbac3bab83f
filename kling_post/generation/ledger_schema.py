"""The ledger's tables, one migration per schema version, and how a database file is opened."""

import sqlite3
from pathlib import Path

from kling_post.errors import InvalidInputError

STATES = ("planned", "reserved", "sending", "accepted", "succeeded", "stored", "verified", "failed", "unknown")

_VERSION_1 = f"""
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    process INTEGER NOT NULL,
    started_at TEXT NOT NULL
);
CREATE TABLE jobs (
    task_uuid TEXT NOT NULL,
    backend TEXT NOT NULL,
    sent_uuid TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 1,
    project TEXT NOT NULL,
    shot TEXT NOT NULL,
    take_number INTEGER NOT NULL,
    model TEXT NOT NULL,
    duration_seconds INTEGER NOT NULL,
    request TEXT NOT NULL,
    price_usd TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ({", ".join(f"'{state}'" for state in STATES)})),
    run_id TEXT REFERENCES runs (run_id),
    code TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    retryable INTEGER NOT NULL DEFAULT 0,
    sent_at REAL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (task_uuid, backend),
    UNIQUE (sent_uuid, backend)
);
CREATE INDEX jobs_by_project ON jobs (project, state);
CREATE TABLE results (
    task_uuid TEXT NOT NULL,
    backend TEXT NOT NULL,
    position INTEGER NOT NULL,
    video_uuid TEXT NOT NULL,
    location TEXT NOT NULL,
    cost_usd TEXT,
    seed INTEGER,
    notes TEXT NOT NULL DEFAULT '[]',
    path TEXT,
    sha256 TEXT,
    bytes INTEGER,
    PRIMARY KEY (task_uuid, backend, position),
    FOREIGN KEY (task_uuid, backend) REFERENCES jobs (task_uuid, backend)
);
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    task_uuid TEXT NOT NULL,
    backend TEXT NOT NULL,
    run_id TEXT,
    state TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX events_by_task ON events (task_uuid, backend);
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
"""

MIGRATIONS = (_VERSION_1,)
"""The statements that lead from version n to n + 1; never changed once released, only added to."""


def open_database(path: Path) -> sqlite3.Connection:
    """Open or make a ledger, brought to the newest schema; every commit is on the disk before it returns.

    Raises:
        InvalidInputError: not a database, or one written by a newer version of this program.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _migrate(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise InvalidInputError(f"{path}: not a usable ledger: {error}.", remedy="Move it away, or name another with --ledger.") from error
    except InvalidInputError:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise InvalidInputError(
            f"{path}: the ledger has schema {version}, this program knows up to {len(MIGRATIONS)}.", remedy="Use a newer kling-post."
        )
    if version == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for migration in MIGRATIONS[_version(connection) :]:
            for statement in _statements(migration):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> list[str]:
    """The script's statements one by one: ``executescript`` would commit the transaction around them."""
    statements, gathered = [], ""
    for piece in script.split(";"):
        gathered += piece + ";"
        if sqlite3.complete_statement(gathered):
            statements.append(gathered.strip())
            gathered = ""
    return [statement for statement in statements if statement != ";"]
