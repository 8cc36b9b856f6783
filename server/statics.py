"""Static files straight from frontend/dist and the apps, without collectstatic."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise knows files and headers; this wrapper lets all other requests pass without a thread."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        """Scan the files once, at start."""
        super().__init__(get_response)
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer with a file where the path is one."""
        if self.is_async:
            return self.answer_later(request)
        found = self.lookup(request)
        response: HttpResponseBase = self.read(found, request) if found else self.get_response(request)
        return response

    async def answer_later(self, request: HttpRequest) -> HttpResponseBase:
        """Answer on the event loop; only reading a file takes a thread."""
        found = await sync_to_async(self.lookup)(request) if self.autorefresh else self.lookup(request)
        if found:
            return await sync_to_async(self.read, thread_sensitive=False)(found, request)
        response: HttpResponseBase = await self.get_response(request)
        return response

    def lookup(self, request: HttpRequest) -> Any:
        """Find a static file by path, or None."""
        return self.find_file(request.path_info) if self.autorefresh else self.files.get(request.path_info)

    @staticmethod
    def read(found: Any, request: HttpRequest) -> HttpResponse:
        """Read a file (at most a few hundred KiB) into an answer; headers and ranges are WhiteNoise's."""
        answer = found.get_response(request.method, request.META)
        content = b""
        if answer.file is not None:
            with answer.file:
                content = answer.file.read()
        response = HttpResponse(content, status=int(answer.status))
        del response.headers["Content-Type"]
        for name, value in answer.headers:
            response.headers[name] = value
        return response
