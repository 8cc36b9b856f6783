"""A second factor for everybody who works here, unless the installation switched it off."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import sync_and_async_middleware

from accounts.idle import end_if_idle

# Enrolment itself, and what one needs on the way there; all else of these two trees waits for it.
GUARDED = ("/accounts/", "/admin/")
OPEN = tuple(f"/accounts/{page}/" for page in ("2fa", "logout", "reauthenticate", "inactive", "language"))


def has_second_factor(user_id: int) -> bool:
    """Tell whether an authenticator app or a security key is enrolled."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=user_id, type__in=kinds).exists())


def lacks_second_factor(user: Any) -> bool:
    """Tell whether a signed-in user still owes a second factor; recovery codes alone are none."""
    if not settings.XINQIAO_MFA_REQUIRED or not user.is_authenticated:
        return False
    return not has_second_factor(user.pk)


def _guarded(path: str) -> bool:
    """Tell whether a page waits for enrolment; asked first, so that other pages never need the database."""
    return path.startswith(GUARDED) and not path.startswith(OPEN)


def _owed(request: HttpRequest) -> bool:
    """Tell whether enrolment is owed; somebody who was idle for too long is nobody from here on."""
    end_if_idle(request)
    return lacks_second_factor(request.user)


@sync_and_async_middleware
def require_second_factor(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Lead staff without a second factor to the enrolment page; sockets and API refuse them in `identify`."""
    if iscoroutinefunction(get_response):

        async def later(request: HttpRequest) -> HttpResponseBase:
            if _guarded(request.path) and await sync_to_async(_owed)(request):
                return redirect("mfa_activate_totp")
            response: HttpResponseBase = await get_response(request)
            return response

        return later

    def at_once(request: HttpRequest) -> HttpResponseBase:
        if _guarded(request.path) and _owed(request):
            return redirect("mfa_activate_totp")
        response: HttpResponseBase = get_response(request)
        return response

    return at_once
