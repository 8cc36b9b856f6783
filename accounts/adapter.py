"""The decisions allauth leaves to us: nobody signs up, where sign-in leads, and how TOTP seeds are kept."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.mfa import lacks_second_factor
from accounts.rights import home_page
from accounts.speech import both, choose
from kernel.seal import seal, unseal

_PLACE = "accounts|second-factor"


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator. What is said of a refused sign-in uses the words of our own form."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": both(
            "工号或密码不对，请再试一次。", "Staff id or password is not right; please try again."
        ),
        "incorrect_password": both("密码不对，请再试一次。", "That password is not right; please try again."),
        "too_many_login_attempts": both(
            "试得太多了，请等一分钟再试。账号没有被锁定。",
            "Too many tries; please try again in a minute. Nothing is locked.",
        ),
        "rate_limited": both("尝试得太快了，请等一分钟再试。", "That was too fast; please try again in a minute."),
        "account_inactive": both(
            "这个账号已停用，请联系管理员。", "This account is closed; an administrator can help."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead to the enrolment of a second factor where one is owed, else to the role's own page."""
        if lacks_second_factor(request.user):
            return reverse("mfa_activate_totp")
        return home_page(request.user)

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Ask for the password once more before a change, but not before the first, owed enrolment."""
        user = context.request.user if context.request else None
        if user is not None and lacks_second_factor(user):
            return False
        return bool(super().is_reauthentication_required(app=app))

    def get_client_ip(self, request: HttpRequest) -> str:
        """Count everybody in one bucket where the socket has no address (a Unix socket)."""
        return str(super().get_client_ip(request)) if request.META.get("REMOTE_ADDR") else "127.0.0.1"


class StaffMfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seeds are sealed under a key derived from the master keys, so that a stolen table shows none."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": both(
            "验证码不对，请输入现在显示的那一个。", "That code is not right; please use the one shown now."
        ),
    }

    def get_totp_issuer(self) -> str:
        """Name the service as authenticator apps will list it."""
        return choose("心桥", "Xinqiao")

    def encrypt(self, text: str) -> str:
        """Seal under the newest master key: `N:base64`."""
        newest = max(settings.MASTER_KEYS)
        blob = seal(_key(newest), text.encode(), _PLACE)
        return f"{newest}:{base64.b64encode(blob).decode()}"

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` wrote, under the master key it names."""
        version, _, encoded = encrypted_text.partition(":")
        return unseal(_key(int(version)), base64.b64decode(encoded), _PLACE).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Refuse to drop the last second factor while one is required."""
        if not settings.XINQIAO_MFA_REQUIRED or authenticator.type == authenticator.Type.RECOVERY_CODES:
            return True
        others = type(authenticator).objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=authenticator.Type.RECOVERY_CODES).exists())


def _key(version: int) -> AESGCM:
    """Derive this use's key, so that one master key never seals two kinds of things."""
    material = settings.MASTER_KEYS[version]
    return AESGCM(hashlib.blake2b(_PLACE.encode(), key=material, digest_size=32).digest())
