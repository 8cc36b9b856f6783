"""Sign-in pages: the few of allauth that a house without sign-up and e-mail needs."""

from allauth.account import views
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("language/", set_language, name="set_language"),
    path("2fa/", include("allauth.mfa.urls")),
]
