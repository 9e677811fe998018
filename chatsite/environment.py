"""Reads the environment for settings.py: checked values, and what follows from them."""

import contextlib
import os
import re
import secrets
import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

BASE_DIR = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
EVERY_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104 - compared with, never bound here
SECRET_KEY_MIN = 32
SITE_ORIGIN = re.compile(r"https?://[\w.:\[\]-]+/?", re.ASCII | re.IGNORECASE)

env = Env()
env.smart_cast = False
if (BASE_DIR / ".env").is_file():
    Env.read_env(BASE_DIR / ".env")


def read(cast, name, default):
    """Return variable `name` cast by django-environ, or `default` when unset or empty.

    Raises ImproperlyConfigured, naming the variable, when it cannot be cast.
    """
    if not os.environ.get(name, "").strip():
        return default
    try:
        return getattr(env, cast)(name)
    except (ValueError, ImproperlyConfigured) as mistake:
        raise ImproperlyConfigured(
            f"{name}={os.environ[name]!r} is not a valid {cast}; see .env.example."
        ) from mistake


def read_bool(name, default):
    value = read("str", name, "true" if default else "false").strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} must be true or false.")


def read_int(name, default, *, at_least, at_most):
    number = read("int", name, default)
    if not at_least <= number <= at_most:
        raise ImproperlyConfigured(
            f"{name}={number} must be between {at_least} and {at_most}."
        )
    return number


def read_mib(name, default):
    return read_int(name, default, at_least=1, at_most=1024**3)


def read_database(default_path):
    """Return Django's DATABASES entry for DATABASE_URL, or SQLite at `default_path`."""
    url = read("str", "DATABASE_URL", f"sqlite:///{default_path}")
    try:
        database = Env.db_url_config(url)
    except (ValueError, ImproperlyConfigured) as mistake:
        raise ImproperlyConfigured(
            "DATABASE_URL is not a database address such as "
            "postgres://user:password@host:5432/name."
        ) from mistake
    kind = database.get("ENGINE", "").rpartition(".")[2]
    if kind == "sqlite3":
        return database | {"ENGINE": "chatsite.sqlite", "OPTIONS": SQLITE_OPTIONS}
    if kind == "postgresql":
        options = {"OPTIONS": POSTGRESQL_OPTIONS, "CONN_HEALTH_CHECKS": True}
        return database | options
    raise ImproperlyConfigured("DATABASE_URL must start with sqlite:// or postgres://.")


SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728;"
        "PRAGMA cache_size=-20000; PRAGMA temp_store=MEMORY;"
        "PRAGMA journal_size_limit=67108864;"
    ),
}
POSTGRESQL_OPTIONS = {
    "pool": {"min_size": 1, "max_size": 10, "timeout": 10},
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # ms: a line that is cut silently is noticed
}


def read_redis_url():
    url = read("str", "REDIS_URL", "")
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(
            "REDIS_URL must start with redis://, rediss:// or unix://."
        )
    return url


READ_BYTES = 1024 * 1024
S3_SECONDS = 60  # how long an address that lets somebody in is good


def read_s3_storage(bucket):
    """Return Django's STORAGES entry for the bucket, or None when there is none."""
    if not bucket:
        return None
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured(
            "S3_BUCKET needs more packages: bin/setup requirements.txt "
            "requirements-s3.txt"
        )
    from botocore.config import Config  # noqa: PLC0415 - installed for S3 only

    endpoint = read("str", "S3_ENDPOINT_URL", "")
    style = "path" if endpoint else "auto"
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": read("str", "S3_REGION", "") or None,
        "access_key": read("str", "S3_ACCESS_KEY_ID", "") or None,
        "secret_key": read("str", "S3_SECRET_ACCESS_KEY", "") or None,
        "client_config": Config(
            signature_version="s3v4",
            s3={"addressing_style": style},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
        "file_overwrite": False,
        "max_memory_size": READ_BYTES,  # the rest of an object waits on the disk
        "querystring_expire": S3_SECONDS,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def s3_origins(storage):
    """Return from where browsers get files, as content security policies say it."""
    if storage is None:
        return []
    options = storage["OPTIONS"]
    if options["endpoint_url"]:
        return [origin_of(urlsplit(options["endpoint_url"]))]
    return [
        f"https://{options['bucket_name']}.s3.amazonaws.com",
        f"https://{options['bucket_name']}.s3.{options['region_name']}.amazonaws.com",
    ]


def read_site_url():
    """Return SITE_URL split, or None when unset; refuse what is not an origin."""
    value = read("str", "SITE_URL", "")
    if not value:
        return None
    try:
        url = urlsplit(value)
        is_origin = SITE_ORIGIN.fullmatch(value) and url.hostname and url.port != 0
    except ValueError:  # no port, no IPv6 address
        is_origin = False
    if not is_origin:
        raise ImproperlyConfigured(
            f"SITE_URL={value!r} must be an address such as https://chat.example.org."
        )
    return url


def read_behind_proxy(site_url):
    behind_proxy = read_bool("BEHIND_PROXY", default=False)
    if behind_proxy and not site_url:
        raise ImproperlyConfigured(
            "BEHIND_PROXY=true needs SITE_URL, the address that people open."
        )
    return behind_proxy


def origin_of(url):
    """Return a split address as browsers write it in Origin: default ports left out."""
    if url is None:
        return ""
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    default = {"http": 80, "https": 443}[url.scheme]
    port = f":{url.port}" if url.port not in {None, default} else ""
    return f"{url.scheme}://{host}{port}"


def read_secret_key(data_dir):
    """Return SECRET_KEY, or the key in `data_dir`, made there at the first start."""
    key = read("str", "SECRET_KEY", "")
    if key and len(key) < SECRET_KEY_MIN:
        raise ImproperlyConfigured(
            f"SECRET_KEY is shorter than {SECRET_KEY_MIN} characters; leave it unset "
            "to have one made in the data folder."
        )
    return key or kept_secret_key(data_dir / "secret_key")


def kept_secret_key(path):
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def make_data_dir():
    path = Path(read("str", "DATA_DIR", str(BASE_DIR / "data"))).absolute()
    try:
        for name in ("media", "incoming"):
            (path / name).mkdir(parents=True, exist_ok=True)
    except OSError as mistake:
        raise ImproperlyConfigured(
            f"DATA_DIR={path} cannot be written: {mistake.strerror}."
        ) from mistake
    return path


def local_addresses():
    """Return this machine's IPv4 addresses on its networks (no packet is sent)."""
    found = set()
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # TEST-NET-1 (RFC 5737): only a route
        found.add(probe.getsockname()[0])
    with contextlib.suppress(OSError):
        found.update(socket.gethostbyname_ex(socket.gethostname())[2])
    return sorted(a for a in found if not a.startswith("127."))


def accepted_hosts(host, site_url):
    """Return the host names this site answers to, as Django's ALLOWED_HOSTS."""
    if site_url:
        name = site_url.hostname
        return [f"[{name}]" if ":" in name else name, *LOOPBACK_HOSTS]
    if host in EVERY_ADDRESS:
        return [*LOOPBACK_HOSTS, socket.gethostname().lower(), *local_addresses()]
    return [f"[{host}]" if ":" in host else host, *LOOPBACK_HOSTS]
