"""Names the app in the admin."""

from django.apps import AppConfig

from accounts.speech import both


class RecordingsPolicyConfig(AppConfig):
    """What is kept, how long, and who looked at it."""

    name = "recordings_policy"
    verbose_name = both("记录与留存", "Records and retention")
