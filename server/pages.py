"""Serves the built pages at their addresses, and says what to run where they are not built yet."""

from functools import partial
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

# The crisis numbers stand here as well: whatever is broken, whoever opens the page finds help.
MISSING = """<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>心桥</title>
<link rel="stylesheet" href="/static/accounts/calm.css"></head><body><main class="card">
<h1>页面还没有构建 / The pages are not built yet</h1>
<p>请运行 <code>python3 dev.py up</code>，它会构建页面并启动服务。<br>
Run <code>python3 dev.py up</code>: it builds the pages and starts the service.</p>
<p>需要马上有人帮您 / If you need help now:</p><ul class="numbers">
<li><a href="tel:12356"><strong>12356</strong><span>心理援助</span></a></li>
<li><a href="tel:120"><strong>120</strong><span>医疗急救</span></a></li>
<li><a href="tel:110"><strong>110</strong><span>报警</span></a></li>
<li><a href="tel:12351"><strong>12351</strong><span>工会热线</span></a></li></ul></main></body></html>"""


def built(name: str) -> Path:
    """Locate a built page."""
    return Path(settings.DIST_DIR) / f"{name}.html"


@require_safe
def page(_request: HttpRequest, name: str) -> HttpResponse:
    """Serve one page; it holds no state, so nothing in it depends on who asks."""
    try:
        return HttpResponse(built(name).read_bytes(), content_type="text/html; charset=utf-8")
    except FileNotFoundError:
        return HttpResponse(MISSING, status=503)


visitor = partial(page, name="visitor")
console = partial(page, name="console")
wallboard = partial(page, name="wallboard")
partner = partial(page, name="partner")
kept = partial(page, name="kept")
records = partial(page, name="records")
review = partial(page, name="review")
