"""Django settings of Chatsite. Every value that differs between machines comes from
the environment; `.env.example` lists them all."""

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from chatsite import environment

# Paths

BASE_DIR = environment.BASE_DIR
DATA_DIR = environment.make_data_dir()

# Where it runs

DEBUG = environment.read_bool("DEBUG", default=False)
HOST = environment.read("str", "HOST", "127.0.0.1")
PORT = environment.read_int("PORT", 8000, at_least=1, at_most=65535)
PROCESSES = environment.read_int("PROCESSES", 1, at_least=1, at_most=64)
SITE_URL = environment.read_site_url()
BEHIND_PROXY = environment.read_behind_proxy(SITE_URL)

# Object storage, instead of the data folder

S3_BUCKET = environment.read("str", "S3_BUCKET", "")
S3_STORAGE = environment.read_s3_storage(S3_BUCKET)
S3_ORIGINS = environment.s3_origins(S3_STORAGE)
S3_FETCHES = ("connect-src", "media-src")  # what pages get from there

# Security

SECRET_KEY = environment.read_secret_key(DATA_DIR)
ALLOWED_HOSTS = environment.accepted_hosts(HOST, SITE_URL)
SITE_ORIGIN = environment.origin_of(SITE_URL)
CSRF_TRUSTED_ORIGINS = [SITE_ORIGIN] if SITE_URL else []
IS_SECURE = bool(SITE_URL) and SITE_URL.scheme == "https"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_SSL_REDIRECT = IS_SECURE and BEHIND_PROXY
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_SECURE
SECURE_HSTS_PRELOAD = IS_SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
COOKIE_PREFIX = "__Host-" if IS_SECURE else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
SESSION_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_AGE = 180 * 24 * 60 * 60
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_SECURE = IS_SECURE
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = IS_SECURE
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],  # blob: pictures that are about to be sent
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
    | {name: [SELF, *S3_ORIGINS] for name in S3_FETCHES if S3_ORIGINS}
}

# Applications

INSTALLED_APPS = [
    "daphne",
    "rooms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "lucide",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Database

DATABASES = {"default": environment.read_database(DATA_DIR / "chatsite.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Channel layer

REDIS_URL = environment.read_redis_url()
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "max_connections": 1000}]},
    }
    if REDIS_URL
    else {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        "CONFIG": {"capacity": 10_000},
    }
}

# Static files and shared files

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": S3_STORAGE or {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chatsite.storage.StaticStorage"},
}
SERVESTATIC_MAX_AGE = 3600
MEDIA_ROOT = DATA_DIR / "media"
ACCEL_REDIRECT_URL = environment.read("str", "ACCEL_REDIRECT_URL", "")
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"
FILE_UPLOAD_PERMISSIONS = 0o644
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 100
UPLOADS_ROOT = DATA_DIR / "uploads"
SCAN_COMMAND = environment.read("str", "SCAN_COMMAND", "")
MAX_UPLOAD_MIB = environment.read_int("MAX_UPLOAD_MIB", 100, at_least=1, at_most=2048)
MAX_FILE_MIB = environment.read_mib("MAX_FILE_MIB", 4096)
ROOM_QUOTA_MIB = environment.read_mib("ROOM_QUOTA_MIB", 20_480)
MEMBER_QUOTA_MIB = environment.read_mib("MEMBER_QUOTA_MIB", 10_240)
MEMBER_DAILY_MIB = environment.read_mib("MEMBER_DAILY_MIB", 10_240)
UPLOAD_CHUNK_KIB = environment.read_int(
    "UPLOAD_CHUNK_KIB", 1024, at_least=64, at_most=16_384
)

# Languages

LANGUAGE_CODE = "en"
LANGUAGES = [("id", _("Indonesian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = environment.read("str", "TIME_ZONE", "UTC")
USE_TZ = True

# Log

LOG_LEVEL = environment.read("str", "LOG_LEVEL", "WARNING").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "chatsite.logs.OneLineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # A traceback for each try while Redis is down; rooms.live says it once.
        "channels_redis.pubsub": {"level": "CRITICAL"},
    },
}
