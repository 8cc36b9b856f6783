"""Names the app in the admin."""

from django.apps import AppConfig

from accounts.speech import both


class TriageConfig(AppConfig):
    """Danger, referral, follow-up."""

    name = "triage"
    verbose_name = both("分诊与转介", "Triage and referral")
