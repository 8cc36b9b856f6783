"""Nobody's words in the log."""

import logging
import sys

from server.logs import WordlessFormatter

SECRET = "我不想活了"
FORMATTER = WordlessFormatter("{levelname} {name} {message}", style="{")


def written(fault: BaseException, message: str = "failed", *args: object) -> str:
    """One formatted record of an exception."""
    record = logging.LogRecord(
        "chat", logging.ERROR, __file__, 1, message, args, (type(fault), fault, fault.__traceback__)
    )
    return FORMATTER.format(record)


def caught() -> BaseException:
    """An exception that quotes what somebody wrote, caused by another that does."""
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as inner:
            raise RuntimeError(f"cannot store {SECRET}") from inner
    except RuntimeError as outer:
        return outer


def test_an_exception_leaves_its_types_and_places_and_none_of_its_words() -> None:
    text = written(caught())
    assert SECRET not in text
    assert "builtins.RuntimeError" in text
    assert "builtins.ValueError" in text
    assert "test_logs.py" in text
    assert "caught" in text


def test_what_asyncio_appends_to_a_message_is_cut() -> None:
    text = written(caught(), "Task exception was never retrieved\nfuture: <Task exception=ValueError('%s')>", SECRET)
    assert "Task exception was never retrieved" in text
    assert SECRET not in text


def test_a_plain_record_is_one_line() -> None:
    record = logging.LogRecord("kernel", logging.INFO, __file__, 1, "feed=%s seq=%d", ("desk.main", 3), None)
    assert FORMATTER.format(record) == "INFO kernel feed=desk.main seq=3"
    assert sys.exc_info() == (None, None, None)
