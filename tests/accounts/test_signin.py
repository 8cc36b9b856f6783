"""Signing in as a person does it: the page, the second factor, the way out."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import AbstractUser
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import StaffMember
from kernel import clock
from kernel.terms import Role
from tests.conftest import Hire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_limits")]
PASSWORD = "a long enough secret"
LOGIN = "/accounts/login/"


@pytest.fixture
def person(hire: Hire, settings: Settings) -> StaffMember:
    """督导 赵, with a password that is quick to check."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.XINQIAO_MFA_REQUIRED = False
    return hire("zhao", Role.SUPERVISOR, name="赵督导", password=PASSWORD)


def sign_in(client: Client, password: str = PASSWORD, **more: str) -> Any:
    """Send the sign-in form."""
    return client.post(LOGIN, {"login": "zhao", "password": password, **more})


def enrol(client: Client) -> str:
    """Sign in, confirm the password and enrol an authenticator; its seed."""
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = str(client.get("/accounts/2fa/totp/activate/").context["form"].secret)
    client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    return secret


def code_for(secret: str) -> str:
    """What the authenticator app would show now."""
    return str(format_hotp_value(hotp_value(secret, int(clock.now().timestamp()) // 30)))


def test_the_page_speaks_chinese_first_and_english_where_asked(client: Client) -> None:
    assert "工作人员登录" in client.get(LOGIN, headers={"accept-language": "fr"}).content.decode()
    english = client.get(LOGIN, headers={"accept-language": "en-GB"}).content.decode()
    assert "Staff sign-in" in english
    assert not re.search(r"[一-鿿]", english.replace("心桥", "").replace(">中文<", ""))


def test_no_page_has_inline_script_or_style(client: Client, person: StaffMember) -> None:
    pages = [client.get(LOGIN)]
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for path in ("/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/password/change/", "/accounts/logout/"):
        pages.append(client.get(path))
    for page in pages:
        body = page.content.decode()
        assert page.status_code == 200
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*(src=|application/json))", body)
        assert "'unsafe" not in page.headers["Content-Security-Policy"]
        assert "no-store" in page.headers["Cache-Control"]
        assert page.headers["Referrer-Policy"] == "same-origin"


def test_sign_in_leads_to_the_role_s_page_or_where_one_was_going(
    client: Client, person: StaffMember, admin_person: StaffMember
) -> None:
    assert sign_in(client).headers["Location"] == "/console/"
    assert sign_in(Client(), next="/wallboard/").headers["Location"] == "/wallboard/"
    assert sign_in(Client(), next="https://evil.example/").headers["Location"] == "/console/"


def test_a_wrong_password_says_so_without_saying_which_part(client: Client, person: StaffMember) -> None:
    wrong = sign_in(client, "not the secret at all")
    nobody = client.post(LOGIN, {"login": "nobody", "password": "whatever it is"})
    texts = [re.findall(r'class="problem".*?</div>', page.content.decode(), re.S) for page in (wrong, nobody)]
    assert texts[0]
    assert texts[0] == texts[1]
    assert "工号或密码不对" in texts[0][0]


def test_guessing_is_slowed_and_the_page_says_that_nothing_is_locked(client: Client, person: StaffMember) -> None:
    answers = [sign_in(client, f"wrong {n}") for n in range(11)]
    assert "登录" in answers[0].content.decode()
    last = sign_in(client).content.decode()
    assert "console" not in last
    assert "没有被锁定" in last
    assert Client().get(LOGIN).status_code == 200


def test_nobody_signs_up_and_no_mail_is_asked_for(client: Client) -> None:
    for path in ("signup/", "email/", "password/reset/", "login/code/", "social/connections/"):
        assert client.get(f"/accounts/{path}").status_code == 404


def test_where_mfa_is_off_the_page_says_so(client: Client, settings: Settings) -> None:
    settings.XINQIAO_MFA_REQUIRED = False
    assert "没有要求两步验证" in client.get(LOGIN).content.decode()
    settings.XINQIAO_MFA_REQUIRED = True
    assert "没有要求两步验证" not in client.get(LOGIN).content.decode()


@pytest.mark.parametrize("path", ["/admin/", "/accounts/login/", "/accounts/password/change/"])
def test_who_owes_a_second_factor_reaches_only_its_enrolment(
    client: Client, person: StaffMember, settings: Settings, path: str
) -> None:
    settings.XINQIAO_MFA_REQUIRED = True
    assert sign_in(client, next="/admin/").status_code == 302
    assert client.get(path).headers["Location"] == "/accounts/2fa/totp/activate/"
    enrolment = client.get("/accounts/2fa/totp/activate/")
    assert "请先设置两步验证" in enrolment.content.decode()


def test_after_enrolment_the_doors_open_and_the_next_sign_in_asks_for_a_code(
    client: Client, person: StaffMember, settings: Settings
) -> None:
    settings.XINQIAO_MFA_REQUIRED = True
    sign_in(client)
    form = client.get("/accounts/2fa/totp/activate/").context["form"]
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_for(form.secret)})
    assert done.headers["Location"] == "/accounts/2fa/recovery-codes/"
    assert client.get("/admin/").status_code == 200

    other = Client()
    assert sign_in(other).headers["Location"] == "/accounts/2fa/authenticate/"
    assert other.get("/admin/").status_code == 302
    assert "sessionid" in other.cookies
    assert not other.session.get("_auth_user_id")


@pytest.mark.promise("R12")
def test_the_seed_of_an_authenticator_is_sealed_in_the_table(client: Client, person: StaffMember) -> None:
    secret = enrol(client)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator WHERE type = 'totp'")
        (stored,) = cursor.fetchone()
    assert secret not in stored
    row = Authenticator.objects.get(type="totp")
    assert row.wrap().validate_code(code_for(secret))


def test_the_last_second_factor_stays_where_one_is_required(
    client: Client, person: StaffMember, settings: Settings
) -> None:
    enrol(client)
    settings.XINQIAO_MFA_REQUIRED = True
    client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(type="totp").exists()
    settings.XINQIAO_MFA_REQUIRED = False
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(type="totp").exists()


def test_signing_out_ends_the_session_in_the_table(client: Client, person: StaffMember) -> None:
    sign_in(client)
    key = client.session.session_key
    assert client.post("/accounts/logout/").headers["Location"] == LOGIN
    from django.contrib.sessions.models import Session

    assert not Session.objects.filter(session_key=key).exists()


def test_a_change_of_the_second_factor_asks_for_the_password_again(client: Client, person: StaffMember) -> None:
    sign_in(client)
    for path in ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"):
        assert client.get(path).headers["Location"].startswith("/accounts/reauthenticate/")


def test_a_cross_site_form_is_refused(person: StaffMember) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(LOGIN, {"login": "zhao", "password": PASSWORD}).status_code == 403


def test_the_role_opens_and_closes_the_admin(person: StaffMember) -> None:
    user: AbstractUser = person.user
    assert user.is_staff
    person.role = Role.COUNSELOR.value
    person.save()
    user.refresh_from_db()
    assert not user.is_staff


def test_the_language_is_switched_by_a_button_and_kept(client: Client) -> None:
    switched = client.post("/accounts/language/", {"language": "en", "next": LOGIN})
    assert switched.headers["Location"] == LOGIN
    assert "Staff sign-in" in client.get(LOGIN).content.decode()
    foreign = client.post("/accounts/language/", {"language": "en", "next": "https://evil.example/"})
    assert foreign.headers["Location"] == "/"


def test_a_page_that_is_none_or_not_ours_names_the_numbers_to_call(client: Client, chen: StaffMember) -> None:
    assert "12356" in client.get("/nowhere/").content.decode()
    client.force_login(chen.user, backend="django.contrib.auth.backends.ModelBackend")
    with_role = client.get("/admin/login/")
    assert with_role.status_code in {302, 403}


@pytest.mark.parametrize(("role", "page"), [(Role.SUPERVISOR, "/console/"), (Role.ADMINISTRATOR, "/wallboard/")])
def test_the_pages_of_an_account_lead_to_where_its_person_works(
    client: Client, hire: Hire, settings: Settings, role: Role, page: str
) -> None:
    settings.XINQIAO_MFA_REQUIRED = False
    client.force_login(hire("qian", role).user, backend="django.contrib.auth.backends.ModelBackend")
    assert f'<a href="{page}">工作台</a>' in client.get("/accounts/logout/").content.decode()
