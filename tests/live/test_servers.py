"""The application is server neutral: our own start, plain Daphne, uvicorn."""

import os

import pytest

from tests.live.person import Person
from tests.live.upload import Upload

pytestmark = pytest.mark.live

APPLICATION = "chatsite.asgi:application"
COMMANDS = {
    "daphne": lambda port: ["-m", "daphne", "-p", str(port), APPLICATION],
    "uvicorn": lambda port: ["-m", "uvicorn", "--port", str(port), APPLICATION],
}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_two_people_chat_and_share_a_file(make_server, name):
    server = make_server(command=COMMANDS[name])
    alice = Person(server.url, "Alice").join("1001").connect()
    bob = Person(server.url, "Bob").join("1001").connect()

    alice.post("hello")
    bob.hear_body("hello")
    bob.post_form("a file", files=[("a.bin", b"\x00\x01\x02" * 1000)])
    html = alice.hear_body("a file")["html"]

    path = html.split('href="')[1].split('"')[0]
    assert alice.get(path).content == b"\x00\x01\x02" * 1000


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_frame_that_is_too_large_hurts_nobody_else(make_server, name):
    server = make_server(command=COMMANDS[name])
    alice = Person(server.url, "Alice").join("1001").connect()
    bob = Person(server.url, "Bob").join("1001").connect()

    alice.socket.send('{"type":"post","body":"' + "x" * 70_000 + '"}')

    assert alice.hear("refused")["code"] == "bad_frame"
    bob.post("unharmed")
    assert bob.hear_body("unharmed")["author"] == bob.member_id


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_file_comes_in_chunks(make_server, name):
    server = make_server(command=COMMANDS[name])
    alice = Person(server.url, "Alice").join("1001")
    data = os.urandom(2_500_000)

    upload = Upload(alice, data)
    upload.cut(0, 70_000, reset=True)
    upload.send_until(len(data))
    upload.send_at(upload.offset())

    path = f"{alice.page_path}files/{upload.id}/"
    assert alice.get(path).content == data


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_file_comes_in_one_request(make_server, name):
    server = make_server(command=COMMANDS[name])
    alice = Person(server.url, "Alice").join("1001")
    data = os.urandom(5_500_000)

    upload = Upload(alice, data)
    answer = upload.send_rest(0)

    assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(len(data)))
    path = f"{alice.page_path}files/{upload.id}/"
    assert alice.get(path).content == data
