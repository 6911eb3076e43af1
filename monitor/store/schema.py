"""The tables."""

VERSION = 1

TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alerts (
    account TEXT, rule TEXT, subject TEXT, body BLOB NOT NULL, PRIMARY KEY (account, rule, subject)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS silences (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY, channel TEXT NOT NULL, event_id TEXT NOT NULL, level INTEGER NOT NULL, body BLOB NOT NULL,
    created_at TEXT NOT NULL, UNIQUE (channel, event_id)
);
CREATE TABLE IF NOT EXISTS journal (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, at TEXT NOT NULL, origin TEXT NOT NULL, what TEXT NOT NULL,
    text TEXT NOT NULL
);
"""

READ_VERSION = "SELECT value FROM meta WHERE key = 'schema'"
WRITE_VERSION = "INSERT OR IGNORE INTO meta VALUES ('schema', ?)"

PUT_ALERT = "INSERT OR REPLACE INTO alerts VALUES (?, ?, ?, ?)"
DROP_ALERT = "DELETE FROM alerts WHERE account = ? AND rule = ? AND subject = ?"
PUT_SILENCE = "INSERT OR REPLACE INTO silences VALUES (?, ?)"
DROP_SILENCE = "DELETE FROM silences WHERE id = ?"
PUT_ACCOUNT = "INSERT OR REPLACE INTO accounts VALUES (?, ?)"
DROP_ACCOUNT = "DELETE FROM accounts WHERE name = ?"
PUT_ENTRY = "INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, ?, ?, ?)"
DROP_ENTRY = "DELETE FROM outbox WHERE number = ?"
PUT_RECORD = "INSERT OR IGNORE INTO journal (id, at, origin, what, text) VALUES (?, ?, ?, ?, ?)"
EMPTY = ("DELETE FROM alerts", "DELETE FROM silences", "DELETE FROM accounts", "DELETE FROM outbox")

READ_ALERTS = "SELECT body FROM alerts"
READ_SILENCES = "SELECT body FROM silences"
READ_ACCOUNTS = "SELECT body FROM accounts"
READ_ENTRIES = "SELECT number, channel, event_id, level, body, created_at FROM outbox ORDER BY number"
