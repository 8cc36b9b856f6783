"""Names the app in the admin."""

from django.apps import AppConfig
from typing_extensions import override

from accounts.speech import both


class RecordingsPolicyConfig(AppConfig):
    """What is kept, how long, and who looked at it."""

    name = "recordings_policy"
    verbose_name = both("记录与留存", "Records and retention")

    @override
    def ready(self) -> None:
        """Let what was recorded be destroyed as well."""
        from recordings_policy import recordings  # noqa: F401, PLC0415 - needs the tables
