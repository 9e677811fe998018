"""How a start goes: one line when it works, one sentence when it cannot."""

import subprocess
import sys

import pytest

from tests.live import processes

pytestmark = pytest.mark.live


def start(**settings):
    """Run a start that must fail; return its output."""
    ended = subprocess.run(
        [sys.executable, "-m", "chatsite.server"],
        cwd=processes.PROJECT,
        env=processes.clean_environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    return ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "many"),
        ("PORT", "99999"),
        ("SITE_URL", "chat.example.org"),
        ("DATABASE_URL", "mongodb://localhost/chat"),
        ("REDIS_URL", "localhost:6379"),
        ("SECRET_KEY", "short"),
        ("DEBUG", "perhaps"),
        ("BEHIND_PROXY", "true"),
        ("MAX_UPLOAD_MIB", "0"),
        ("DATA_DIR", "/proc/nowhere"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(tmp_path, name, value):
    output = start(**{"DATA_DIR": tmp_path, name: value})

    assert output.startswith("Chatsite cannot start: ")
    assert name in output
    assert output.count("\n") == 1


def test_a_taken_port_is_named(server):
    output = start(DATA_DIR=server.environment["DATA_DIR"], PORT=server.port)

    assert output.startswith("Chatsite cannot start: ")
    assert f"PORT={server.port}" in output
    assert output.count("\n") == 1


def test_the_address_is_printed_once_it_answers(server):
    line = server.log.read_text()

    assert line.startswith(f"Chatsite is running: {server.url}/")


def test_the_secret_key_is_made_once_and_kept(server):
    key = processes.Path(server.environment["DATA_DIR"]) / "secret_key"
    before = key.read_text()

    server.stop()
    server.start()

    assert key.read_text() == before
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(before) > 50
