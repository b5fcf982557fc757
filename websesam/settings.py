"""All settings, read from the environment. The table of variables is in docs/operations.md."""

from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Where this runs -----------------------------------------------------------------------------

ENVIRONMENT = env.str("ENVIRONMENT", "demo")
if ENVIRONMENT not in {"demo", "test", "production"}:
    raise ImproperlyConfigured("ENVIRONMENT must be demo, test or production")
IS_PRODUCTION = ENVIRONMENT == "production"
# Persona login exists only here, and these two answer on loopback alone (design, decision 12).
PERSONAS_ENABLED = not IS_PRODUCTION

VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
DEBUG = False
DEMO_SECRET_KEY = "demo-and-test-only-never-in-production-0123456789abcdef"  # noqa: S105 - refused in production below
SECRET_KEY = env.str("SECRET_KEY", DEMO_SECRET_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) if IS_PRODUCTION else LOOPBACK_HOSTS
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if IS_PRODUCTION and (SECRET_KEY == DEMO_SECRET_KEY or len(SECRET_KEY) < 50):
    raise ImproperlyConfigured("SECRET_KEY must be set in production, 50 characters or more")
# Whose X-Forwarded-For is believed: the addresses of the proxies before us.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

# --- Applications, from the top of the import direction to its bottom (docs/architecture.md) -------

INSTALLED_APPS = [
    "websesam",
    "billing",
    "faultreports",
    "orders",
    "workorders",
    "pickups",
    "ordering",
    "patients",
    "buffer",
    "catalog",
    "integration",
    "accounts",
    "core",
    "pgtrigger",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
]

MIDDLEWARE = [
    "core.middleware.request_context",
    "core.middleware.loopback_only",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.AssignmentMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "websesam.urls"
WSGI_APPLICATION = "websesam.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "start"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.navigation",
            ],
            "builtins": ["core.templatetags.ui"],
        },
    },
]
FORM_RENDERER = "core.forms.FormRenderer"

# --- Database: PostgreSQL only --------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL")}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must be a postgres:// address")
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", 16), "timeout": 10},
    # One place decides how long a statement may keep a user waiting.
    # A transaction that waits for the world outside (a message to SESAM2 holds its row for 10 s) is ended after a minute.
    "options": f"-c statement_timeout={env.int('DATABASE_STATEMENT_TIMEOUT_MS', 30_000)} -c idle_in_transaction_session_timeout=60000",
}
# A connection that died with the database's restart is thrown away, not handed to a user.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE_NAME", "test_websesam")}

# --- Celery: only wakes the workers; the queues are tables (design, decision 3) --------------------

CELERY_BROKER_URL = env.str("BROKER_URL", "") or env.str("REDIS_URL")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# With the broker away a click must not wait for it: one short try, the sweep does the rest.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5, "max_retries": 0}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
SWEEP_SECONDS = env.int("SWEEP_SECONDS", 30)
CELERY_BEAT_SCHEDULE = {
    "send-waiting-messages": {"task": "integration.send_waiting", "schedule": SWEEP_SECONDS},
    "process-waiting-messages": {"task": "integration.process_waiting", "schedule": SWEEP_SECONDS},
    "catch-up": {"task": "integration.catch_up", "schedule": 3600},
    "watch-inbox-of-feeds": {"task": "catalog.watch_inbox", "schedule": SWEEP_SECONDS},
    "fetch-media": {"task": "catalog.fetch_media", "schedule": SWEEP_SECONDS},
    "clear-sessions": {"task": "accounts.clear_sessions", "schedule": 24 * 3600},
    "remind-of-ends": {"task": "orders.remind_of_ends", "schedule": 24 * 3600},
    "watch-work-orders": {"task": "workorders.watch", "schedule": 3600},
    "watch-pickups": {"task": "pickups.watch", "schedule": 3600},
    "check-stock": {"task": "buffer.check_stock", "schedule": crontab(hour=2, minute=10)},  # UTC: the small hours
    "remind-of-counts": {"task": "buffer.remind_of_counts", "schedule": 24 * 3600},
    "empty-old-payloads": {"task": "integration.empty_old_payloads", "schedule": 24 * 3600},
}

# --- SESAM2 (the contract's section 1) -------------------------------------------------------------

SESAM2_URL = env.str("SESAM2_URL", "http://127.0.0.1:8001").rstrip("/")
SESAM2_KEYS = env.dict("SESAM2_KEYS", default={} if IS_PRODUCTION else {"portal-demo": "demo-secret-of-the-portal", "sesam2-demo": "demo-secret-of-sesam2"})
SESAM2_KEY_ID = env.str("SESAM2_KEY_ID", "" if IS_PRODUCTION else "portal-demo")
PORTAL_GLN = env.str("PORTAL_GLN", "7359999900031")
SESAM2_GLN = env.str("SESAM2_GLN", "7359999900017")
# Only for a trial on one's own machine, where the stand-in plays SESAM2 (docker-compose.yml).
SESAM2_WITHOUT_TLS = env.bool("SESAM2_WITHOUT_TLS", not IS_PRODUCTION)
# Where SESAM2 fetches attachments.
PORTAL_URL = (env.str("PORTAL_URL", "") or (f"https://{ALLOWED_HOSTS[0]}" if IS_PRODUCTION and ALLOWED_HOSTS else "http://127.0.0.1:8000")).rstrip("/")
if IS_PRODUCTION:
    if SESAM2_KEY_ID not in SESAM2_KEYS or any(secret.startswith("demo-secret") or len(secret) < 16 for secret in SESAM2_KEYS.values()):
        raise ImproperlyConfigured("SESAM2_KEYS and SESAM2_KEY_ID must be set in production, with secrets of 16 characters or more")
    if not (SESAM2_URL.startswith("https://") or SESAM2_WITHOUT_TLS):
        raise ImproperlyConfigured("SESAM2_URL must be an https:// address in production")
    if not env.str("PORTAL_GLN", "") or not env.str("SESAM2_GLN", ""):
        raise ImproperlyConfigured("PORTAL_GLN and SESAM2_GLN must be set in production")

# --- Hjälpmedelstjänsten's feed ----------------------------------------------------------------------

HJMTJ_INBOX = env.str("HJMTJ_INBOX", "")
# A file is taken when nobody has written to it for this long.
HJMTJ_INBOX_SECONDS = env.int("HJMTJ_INBOX_SECONDS", 10)
HJMTJ_STORE = VAR_DIR / "hjmtj"

# --- Language, time ------------------------------------------------------------------------------

LANGUAGE_CODE = "sv"
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True
USE_I18N = True  # Django's own messages in Swedish; ours are written in Swedish where they are shown
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = "websesam.formats"

# --- Static files and the catalogue's media --------------------------------------------------------

STATIC_URL = "/static/"
# Tests read the files where they lie.
STATIC_ROOT = None if ENVIRONMENT == "test" else Path(env.str("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if ENVIRONMENT != "test"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = ENVIRONMENT == "test"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))
MEDIA_URL = "/media/"
# The suppliers' servers that pictures and documents are fetched from: name.example, or *.name.example for all below it. None: nothing is fetched.
MEDIA_HOSTS = env.list("MEDIA_HOSTS", default=[])
# A clamd that looks through what people attach, such as tcp://clamav:3310; none: nothing is scanned.
CLAMD_URL = env.str("CLAMD_URL", "")

# --- Security --------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "websesam.views.pages.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PRODUCTION
SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_PRODUCTION
# The probes come from inside, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if IS_PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the design system's icons are data URIs
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- Logs: one JSON object a line, without personal data -------------------------------------------

LOGGING_CONFIG = "core.logs.configure"
LOGGING = {"level": env.str("LOG_LEVEL", "INFO"), "json": env.bool("LOG_JSON", True)}
SYSTEM_ID = env.str("SYSTEM_ID", "SE2321000131-WEBSESAM")
SYSTEM_NAME = "webSesam"
