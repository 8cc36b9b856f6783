"""Ends a sign-in that nobody used for too long, before a page of staff is shown."""

from django.contrib.auth import logout
from django.http import HttpRequest

from accounts import store
from kernel import clock


def end_if_idle(request: HttpRequest) -> None:
    """Sign out whoever did nothing for `STAFF_IDLE`; a page that was opened counts as something done."""
    key = request.session.session_key
    if not key or not request.user.is_authenticated:
        return
    now = clock.now()
    if store.is_idle(key, now):
        store.end_sign_in(key)
        logout(request)
    else:
        store.touch(key, now)
