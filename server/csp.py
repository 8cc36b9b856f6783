"""What a browser may do with our pages: nothing from elsewhere, nothing inline, nothing kept."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")
_FORM_PAGES = ("/accounts/", "/admin/")
PERMISSIONS = ", ".join(
    ["microphone=(self)"]
    + [
        f"{feature}=()"
        for feature in (
            "camera",
            "geolocation",
            "payment",
            "usb",
            "midi",
            "display-capture",
            "browsing-topics",
        )
    ]
)


def policy(host: str, *, secure: bool) -> str:
    """Write the Content-Security-Policy; older WebKit leaves sockets out of 'self', so theirs is named."""
    socket = f" {'wss' if secure else 'ws'}://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self'",
            f"connect-src 'self'{socket}",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _write(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Add the headers; a view's own Cache-Control stands, all others are told to keep nothing."""
    try:
        host = request.get_host()
    except DisallowedHost:
        host = ""
    headers = response.headers
    headers["Content-Security-Policy"] = policy(host, secure=request.is_secure())
    headers["Permissions-Policy"] = PERMISSIONS
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    # Under no-referrer a browser posts a form with `Origin: null`, which the CSRF check must refuse.
    form_page = request.path.startswith(_FORM_PAGES)
    headers["Referrer-Policy"] = "same-origin" if form_page else "no-referrer"
    headers.setdefault("Cache-Control", "no-store")
    return response


@sync_and_async_middleware
def browser_rules(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Put the rules on every answer, static files and errors included."""
    if iscoroutinefunction(get_response):
        answer: Callable[[HttpRequest], Awaitable[HttpResponseBase]] = get_response

        async def later(request: HttpRequest) -> HttpResponseBase:
            return _write(request, await answer(request))

        return later

    def at_once(request: HttpRequest) -> HttpResponseBase:
        return _write(request, get_response(request))

    return at_once
