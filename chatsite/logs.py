"""One log record is one line, whatever a stranger put into a path or a header."""

import logging

LINE_MAX = 8192  # characters


class OneLineFormatter(logging.Formatter):
    """Escapes control characters in messages; tracebacks keep their lines."""

    def formatMessage(self, record):  # noqa: N802 - logging's name
        line = super().formatMessage(record)[:LINE_MAX]
        plain = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
        return plain[:LINE_MAX]
