"""Django's backend for SQLite, for a server of many threads (see `base`)."""
