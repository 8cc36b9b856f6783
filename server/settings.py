"""Hosts, secrets and switches, all from the environment; docs/operations.md lists every variable."""

import os
import re
from datetime import timedelta
from pathlib import Path

from redis.connection import parse_url

from kernel import ids
from server import logs
from server.env import Environment, read_database, read_issuers, read_keys

BASE_DIR = Path(__file__).resolve().parent.parent
DIST_DIR = BASE_DIR / "frontend" / "dist"
env = Environment(os.environ)
LOGGING = logs.LOGGING

# --- switches ---------------------------------------------------------------------------------------------

DEBUG = env.envbool("XINQIAO_DEBUG", default=False)
XINQIAO_DEMO = env.envbool("XINQIAO_DEMO", default=False)
XINQIAO_MFA_REQUIRED = env.envbool("XINQIAO_MFA_REQUIRED", default=True)
# Plain HTTP is for one's own machine: the demo says so, a real installation has TLS in front.
XINQIAO_HTTPS = env.envbool("XINQIAO_HTTPS", default=not (DEBUG or XINQIAO_DEMO))
XINQIAO_PROXIES = env.envint("XINQIAO_PROXIES", 0, high=8)
XINQIAO_SERVER = env.envstr("XINQIAO_SERVER", "daphne")
if XINQIAO_SERVER not in ("daphne", "uvicorn"):
    env.wrong("XINQIAO_SERVER", "must be daphne or uvicorn")

# --- secrets and engines ----------------------------------------------------------------------------------

DATABASE_URL = env.envsecret("DATABASE_URL")
REDIS_URL = env.envsecret("REDIS_URL", "redis://127.0.0.1:6379/0")
SECRET_KEY = env.envsecret("SECRET_KEY")
MASTER_KEYS = read_keys(env, "MASTER_KEYS", env.envsecret("MASTER_KEYS"))
# The identity vault has keys of its own; without them nobody can be verified here.
VAULT_KEYS = read_keys(env, "VAULT_KEYS", env.envsecret("VAULT_KEYS"))
ENTRY_TOKENS = read_issuers(env, env.envsecret("ENTRY_TOKENS"))
# Apart from the database and left out of its backups: docs/operations.md, "Keys that end".
KEYS_DIR = Path(env.envstr("KEYS_DIR", str(BASE_DIR / ".data" / "wrapping-keys")))
KEY_PERIOD = timedelta(days=env.envint("KEY_PERIOD_DAYS", 1, low=1, high=31))
KEY_HORIZON = timedelta(days=env.envint("KEY_HORIZON_DAYS", 30, low=1, high=366))
RECORDINGS_DIR = Path(env.envstr("RECORDINGS_DIR", str(BASE_DIR / ".data" / "recordings")))

if DATABASE_URL:
    DATABASES = {"default": read_database(env, DATABASE_URL)}
    if len(SECRET_KEY) < 32:
        env.wrong("SECRET_KEY", "needs at least 32 random characters")
    if not (env.envstr("KEYS_DIR") or XINQIAO_DEMO or DEBUG):
        env.wrong("KEYS_DIR", "must name a folder that lasts as long as the database: without its files nothing opens")
    if not MASTER_KEYS:
        env.wrong("MASTER_KEYS", "needs at least one key, written 1:BASE64-OF-32-RANDOM-BYTES")
else:
    # Some commands need no database (triage_score, export_protocol); what they sign lasts as long as they do.
    DATABASES = {"default": {"ENGINE": "server.no_database"}}
    SECRET_KEY = SECRET_KEY or ids.token()
    MASTER_KEYS = MASTER_KEYS or {1: ids.random_bytes(32)}

if not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    env.wrong("REDIS_URL", "must begin with redis://, rediss:// or unix://")

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # Publishing knows no databases: two installations on one server would hear each other's bells.
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_connect_timeout": 2}],
            "prefix": f"xq{parse_url(REDIS_URL).get('db', 0)}",  # type: ignore[no-untyped-call]
        },
    }
}
CACHES = {
    "default": {
        "BACKEND": "server.cache.PatientRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "xq",
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "visibility_timeout": 3600,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"

# --- the web ----------------------------------------------------------------------------------------------

ALLOWED_HOSTS = env.envlist("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
XINQIAO_ORIGINS = env.envlist("XINQIAO_ORIGINS")
PAGING = env.envsecret("PAGING")  # JSON list of triage.channels.notice.Destination; docs/operations.md
# A media worker: where it listens, what it announces to browsers, where the house commands it.
VOICE_HOST = env.envstr("VOICE_HOST", "127.0.0.1")
VOICE_ANNOUNCE = env.envlist("VOICE_ANNOUNCE")
VOICE_PORT = env.envint("VOICE_PORT", 0, high=65_535)
VOICE_CONTROL_HOST = env.envstr("VOICE_CONTROL_HOST", "127.0.0.1")
TURN_URLS = env.envlist("TURN_URLS")
TURN_SECRET = env.envsecret("TURN_SECRET")
if TURN_URLS and (not TURN_SECRET or not all(url.startswith(("turn:", "turns:")) for url in TURN_URLS)):
    env.wrong("TURN_URLS", "needs turn: or turns: addresses, and TURN_SECRET as coturn has it (static-auth-secret)")
for origin in XINQIAO_ORIGINS:
    if not re.fullmatch(r"https?://[^/\s*]+", origin):
        env.wrong("XINQIAO_ORIGINS", "entries look like https://xinqiao.example.org, without a path")
CSRF_TRUSTED_ORIGINS = XINQIAO_ORIGINS
ROOT_URLCONF = "server.urls"
ASGI_APPLICATION = "server.asgi.application"
APPEND_SLASH = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

INSTALLED_APPS = [
    "accounts",
    "kernel",
    "queueing",
    "chat",
    "triage",
    "recordings_policy",
    "server",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
MIDDLEWARE = [
    "server.csp.browser_rules",
    "server.statics.StaticFiles",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.mfa.require_second_factor",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [DIST_DIR] if DIST_DIR.is_dir() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Vite writes the hash of the content into every name under assets/, so those never change.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[0-9A-Za-z_-]{8,}\.[a-z0-9]+$"

# --- language and time ------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = XINQIAO_HTTPS
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people -----------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "accounts.hashing.BoundedArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/console/"
LOGOUT_REDIRECT_URL = "/accounts/login/"

STAFF_IDLE = timedelta(minutes=env.envint("STAFF_IDLE_MINUTES", 30, low=1, high=720))
SESSION_COOKIE_AGE = 12 * 3600  # absolute: the session is not saved on every request, so it does not slide
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = XINQIAO_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = None  # server/csp.py decides by page
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False  # the proxy in front redirects; /livez must answer on plain HTTP
SECURE_HSTS_SECONDS = 31_536_000 if XINQIAO_HTTPS else 0
if XINQIAO_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = XINQIAO_PROXIES

ACCOUNT_ADAPTER = "accounts.adapter.StaffAdapter"
MFA_ADAPTER = "accounts.adapter.StaffMfaAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
# Offices share one address; the key is the name that is tried, and it is slowed, never locked.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,10/m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not XINQIAO_HTTPS

env.finish()
