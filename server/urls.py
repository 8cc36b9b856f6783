"""Addresses: three pages, the API, sign-in, and the admin."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from server import health, pages
from server.api import api

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "心桥 Xinqiao"


urlpatterns = [
    path("", pages.visitor),
    path("console/", pages.console),
    path("wallboard/", pages.wallboard),
    path("partner/", pages.partner),
    path("kept/", pages.kept),
    path("records/", pages.records),
    path("review/", pages.review),
    path("api/v1/", api.urls),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("favicon.ico", RedirectView.as_view(url="/static/accounts/icon.svg", permanent=False)),
]
