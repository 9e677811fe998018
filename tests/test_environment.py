from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatsite import environment

SITE = "https://chat.example.org"


@pytest.fixture
def setting(monkeypatch):
    """A function that sets a variable, or unsets it."""

    def put(name, value):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)

    return put


def refusal_of(read, *arguments, **options):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(*arguments, **options)
    return str(refused.value)


ON = ["1", "TRUE", " on ", "yes"]
OFF = ["0", "false", "off", "no", "", None]


@pytest.mark.parametrize("value", ON + OFF)
def test_a_switch_is_on_or_off(setting, value):
    setting("DEBUG", value)

    assert environment.read_bool("DEBUG", default=False) is (value in ON)


@pytest.mark.parametrize("value", ["maybe", "2", "tru", "-"])
def test_a_switch_is_nothing_else(setting, value):
    setting("DEBUG", value)

    sentence = refusal_of(environment.read_bool, "DEBUG", default=False)

    assert sentence == f"DEBUG='{value}' must be true or false."


@pytest.mark.parametrize("value", ["0", "65536", "-1", "http", "80.5", "8 0"])
def test_a_port_is_a_port(setting, value):
    setting("PORT", value)

    sentence = refusal_of(environment.read_int, "PORT", 1, at_least=1, at_most=65535)

    assert sentence.split("=")[0] == "PORT"


@pytest.mark.parametrize(("value", "port"), [("80", 80), ("", 8000), (None, 8000)])
def test_a_port_may_be_left_out(setting, value, port):
    setting("PORT", value)

    assert environment.read_int("PORT", 8000, at_least=1, at_most=65535) == port


@pytest.mark.parametrize(
    "value",
    [
        "mysql://h/x",
        "oracle://h/x",
        "postgres",
        "://",
        "x",
        "http://h/x",
        "postgres://h:x/n",
    ],
)
def test_a_database_is_sqlite_or_postgresql(setting, value):
    setting("DATABASE_URL", value)

    assert refusal_of(environment.read_database, "/tmp/x")[:12] == "DATABASE_URL"


def test_a_database_password_is_not_told(setting):
    setting("DATABASE_URL", "mysql://alice:secret@h/x")

    assert refusal_of(environment.read_database, "/tmp/x").count("secret") == 0


@pytest.mark.parametrize(
    ("value", "engine", "name"),
    [
        ("", "chatsite.sqlite", "/tmp/x"),
        ("sqlite:////srv/chat.sqlite3", "chatsite.sqlite", "/srv/chat.sqlite3"),
        ("postgres://bob:pw@db:5433/chat", "django.db.backends.postgresql", "chat"),
    ],
)
def test_a_database_is_found(setting, value, engine, name):
    setting("DATABASE_URL", value)

    database = environment.read_database(Path("/tmp/x"))

    assert database["ENGINE"] == engine
    assert str(database["NAME"]) == name


@pytest.mark.parametrize("value", ["localhost:6379", "http://redis", "redis:/x"])
def test_redis_has_an_address(setting, value):
    setting("REDIS_URL", value)

    assert refusal_of(environment.read_redis_url)[:9] == "REDIS_URL"


@pytest.mark.parametrize(
    "value",
    [
        "chat.example.org",
        "ftp://chat.example.org",
        "https://",
        f"{SITE}/path",
        f"{SITE}?x=1",
        f"{SITE}#x",
        f"{SITE}:99999",
        f"{SITE}:x",
        f"{SITE}:0",
        "https://[::1",
        "https://alice:secret@chat.example.org",
        "https://charlie example",
    ],
)
def test_the_site_has_an_address(setting, value):
    setting("SITE_URL", value)

    assert refusal_of(environment.read_site_url)[:8] == "SITE_URL"


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        (SITE, SITE),
        (f"{SITE}/", SITE),
        (f"{SITE}:443", SITE),
        ("https://Chat.Example.ORG", SITE),
        ("http://chat.example.org:8080", "http://chat.example.org:8080"),
        ("http://[2001:db8::1]:80", "http://[2001:db8::1]"),
        ("", ""),
    ],
)
def test_the_origin_is_as_browsers_write_it(setting, value, origin):
    setting("SITE_URL", value)

    assert environment.origin_of(environment.read_site_url()) == origin


def test_a_proxy_needs_the_sites_address(setting):
    setting("BEHIND_PROXY", "true")

    assert refusal_of(environment.read_behind_proxy, None)[:12] == "BEHIND_PROXY"
    assert environment.read_behind_proxy(urlsplit(SITE)) is True


def test_a_short_secret_is_refused_and_not_told(setting, tmp_path):
    setting("SECRET_KEY", "bobs-secret")

    sentence = refusal_of(environment.read_secret_key, tmp_path)

    assert sentence[:10] == "SECRET_KEY"
    assert sentence.count("bobs-secret") == 0


def test_a_secret_is_made_once(setting, tmp_path):
    setting("SECRET_KEY", None)

    made = environment.read_secret_key(tmp_path)

    assert environment.read_secret_key(tmp_path) == made
    assert len(made) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_refused(setting, tmp_path):
    (tmp_path / "file").write_text("")
    setting("DATA_DIR", str(tmp_path / "file"))

    assert refusal_of(environment.make_data_dir)[:8] == "DATA_DIR"


def test_the_folder_is_made(setting, tmp_path):
    setting("DATA_DIR", str(tmp_path / "new"))

    path = environment.make_data_dir()

    assert sorted(inside.name for inside in path.iterdir()) == ["incoming", "media"]


@pytest.mark.parametrize(
    ("host", "site", "names"),
    [
        ("127.0.0.1", None, {"127.0.0.1"}),
        ("192.0.2.1", None, {"192.0.2.1"}),
        ("::1", None, {"[::1]"}),
        ("0.0.0.0", SITE, {"chat.example.org"}),
        ("127.0.0.1", "http://[2001:db8::1]", {"[2001:db8::1]"}),
    ],
)
def test_only_known_names_are_answered(host, site, names):
    hosts = environment.accepted_hosts(host, urlsplit(site) if site else None)

    assert set(hosts) == names | {"localhost", "127.0.0.1", "[::1]"}


def test_listening_everywhere_does_not_answer_every_name():
    hosts = environment.accepted_hosts("0.0.0.0", None)

    assert {"*", "0.0.0.0", ""}.isdisjoint(hosts)
