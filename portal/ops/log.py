"""Log lines for machines: one JSON object a line on stderr, warnings and errors only."""

import json
import logging
import os
import time


class JsonLines(logging.Formatter):
    """A record as one line of JSON; no request bodies, addresses or codes are ever logged."""

    converter = staticmethod(time.gmtime)  # type: ignore[assignment]

    def format(self, record: logging.LogRecord) -> str:
        """The line: time in UTC, level, logger, process, message, and the traceback of a bug."""
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": os.getpid(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),  # what a logger says in words of its own
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)  # in ASCII, so that nothing in it ends a line or moves a cursor


def log_to_stderr() -> None:
    """Send warnings and errors of every logger to stderr as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # It warns at every moment in which both threads are busy, which is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
