"""Names the app in the admin."""

from django.apps import AppConfig

from accounts.speech import both


class AccountsConfig(AppConfig):
    """People who work here, and the secrets visitors hold."""

    name = "accounts"
    verbose_name = both("人员与权限", "People and rights")
