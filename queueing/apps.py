"""Names the app in the admin."""

from django.apps import AppConfig
from typing_extensions import override

from accounts import lines
from accounts.speech import both


class QueueingConfig(AppConfig):
    """Lines and what the union decides for them."""

    name = "queueing"
    verbose_name = both("服务线与排队", "Lines and queues")

    @override
    def ready(self) -> None:
        """Tell accounts which lines there are; it lies below and cannot ask."""
        from queueing import store  # noqa: PLC0415 - models are not loaded before ready

        lines.offered_by(lambda: tuple(lines.LineName(line.id, line.name_zh, line.name_en) for line in store.lines()))
