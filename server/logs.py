"""Logging that never holds a person's words: of an exception only its type and the places it passed."""

import logging
import traceback
from types import TracebackType
from typing import Any

from typing_extensions import override

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WordlessFormatter(logging.Formatter):
    """Writes one line, and for exceptions type, files and lines: messages of exceptions may quote input."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Keep the first line; asyncio and others put the repr of an exception into the lines that follow."""
        record.message = record.getMessage().partition("\n")[0]
        record.asctime = self.formatTime(record, self.datefmt)
        line = self.formatMessage(record)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    @override
    def formatException(self, ei: _ExcInfo) -> str:
        """Name the types along the chain of causes and the frames of each, no text."""
        parts: list[str] = []
        fault = ei[1]
        while fault is not None and len(parts) < 8:
            places = [
                f"    {frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(fault.__traceback__)[-25:]
            ]
            parts.append("\n".join([f"  {type(fault).__module__}.{type(fault).__qualname__}", *places]))
            fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
        return "\n".join(parts)


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "wordless": {
            "()": WordlessFormatter,
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "wordless"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        # SQL with its parameters would be logged at DEBUG.
        "django.db.backends": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "daphne": {"level": "WARNING"},
        # At INFO it writes the address of everybody who comes.
        "uvicorn": {"level": "WARNING"},
    },
}
