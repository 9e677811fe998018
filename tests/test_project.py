"""The project as a whole: what a deployment relies on before the first visitor."""

import os
import re
import subprocess
import sys
from importlib.metadata import version

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.urls import get_resolver
from packaging.version import Version

from chatsite.environment import BASE_DIR
from tests.conftest import client_of

PRODUCTION = {"SITE_URL": "https://chat.example.org", "BEHIND_PROXY": "true"}
TEMPLATES = sorted(
    path.relative_to(BASE_DIR / "templates").as_posix()
    for path in (BASE_DIR / "templates").rglob("*.html")
)
FLOORS = {
    "Django": "5.2.19",
    "daphne": "4.2.2",
    "autobahn": "26.10.1",
    "channels": "4.3.2",
    "channels-redis": "4.3.0",
    "redis": "5",
}


def run(tmp_path, *arguments, **variables):
    """Run Python on this project in an environment of its own; return what it says."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=kept | {"DATA_DIR": str(tmp_path)} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_migrations_are_complete(tmp_path):
    done = run(tmp_path, "manage.py", "makemigrations", "--check", "--dry-run")

    assert (done.stdout.strip(), done.returncode) == ("No changes detected", 0)


def test_a_deployment_has_no_warnings(tmp_path):
    done = run(
        tmp_path,
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        **PRODUCTION,
    )

    said = "System check identified no issues (0 silenced)."
    assert (done.stdout.strip(), done.stderr, done.returncode) == (said, "", 0)


def test_processes_without_redis_are_refused(tmp_path):
    done = run(tmp_path, "manage.py", "check", PROCESSES="2")

    assert done.returncode == 1
    assert done.stderr.count("Set REDIS_URL, or PROCESSES=1.") == 1


@pytest.mark.parametrize(
    "variables",
    [
        {"PORT": "99999"},
        {"DEBUG": "maybe"},
        {"SECRET_KEY": "short"},
        {"SITE_URL": "chat.example.org"},
        {"REDIS_URL": "localhost"},
        {"DATABASE_URL": "mysql://h/x"},
        {"BEHIND_PROXY": "true"},
        {"MAX_UPLOAD_MIB": "0"},
        {"DATA_DIR": "/dev/null/x"},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_a_wrong_setting_is_refused_with_its_name(tmp_path, variables):
    done = run(tmp_path, "manage.py", "check", **variables)

    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode != 0
    assert last.count(next(iter(variables))) == 1


LOOK = """
import django
from django.conf import settings
django.setup()
from django.test import Client
client = Client(headers={"host": "chat.example.org"})
plain = client.get("/health/", headers={"x-forwarded-proto": "http"})
away = client.get("/nowhere/", headers={"x-forwarded-proto": "http"})
page = client.get("/health/", headers={"x-forwarded-proto": "https"})
print(plain.status_code)
print(away.status_code, away["Location"])
print(page["Strict-Transport-Security"])
for kind in ("SESSION", "CSRF"):
    print(*(getattr(settings, f"{kind}_COOKIE_{what}")
            for what in ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "DOMAIN", "PATH")))
print(settings.DEBUG, settings.SITE_ORIGIN, settings.CSRF_TRUSTED_ORIGINS)
"""


def test_behind_https_everything_is_locked(tmp_path):
    variables = PRODUCTION | {"DJANGO_SETTINGS_MODULE": "chatsite.settings"}

    done = run(tmp_path, "-c", LOOK, **variables)

    assert done.stdout.splitlines() == [
        "200",
        "301 https://chat.example.org/nowhere/",
        "max-age=31536000; includeSubDomains; preload",
        "__Host-sessionid True True Lax None /",
        "__Host-csrftoken True True Lax None /",
        "False https://chat.example.org ['https://chat.example.org']",
    ]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name):
    assert get_template(name).template.nodelist


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_have_nothing_inline(name):
    source = (BASE_DIR / "templates" / name).read_text()

    inline = re.findall(
        r"<style|<script(?! type=\"module\" src=)| style=| on\w+=", source
    )
    assert inline == []
    assert source.count("|safe") == source.count("autoescape off") == 0


@pytest.mark.parametrize("package", FLOORS)
def test_no_dependency_is_below_its_floor(package):
    assert Version(version(package)) >= Version(FLOORS[package])


def test_every_address_is_known():
    prefixes = {str(entry.pattern) for entry in get_resolver().url_patterns}

    assert prefixes == {"", "language/", "admin/login/", "admin/", "favicon.ico"}
    assert settings.DEBUG is False


NO_PAGES = "/.git/config /.env /db.sqlite3 /chatsite.sqlite3 /secret_key /metrics "
NO_PAGES += "/media/ /static/ /static/../manage.py /static/%2e%2e/manage.py /rooms/"


@pytest.mark.parametrize("path", NO_PAGES.split())
def test_nothing_else_is_served(alice, bob, charlie, path):
    response = client_of(bob).get(path)

    assert response.status_code == 404
    assert response.content.count(b"Nothing here") > 0
