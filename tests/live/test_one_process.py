"""One Daphne, SQLite, the in-process layer: what `bin/serve` starts."""

import hashlib
import os
import signal
import time
import uuid

import pytest
from websockets.exceptions import InvalidStatus

from tests.live.person import Person

pytestmark = pytest.mark.live


def test_two_people_talk_and_a_third_elsewhere_hears_nothing(people):
    for person in (people.alice, people.bob, people.charlie):
        person.connect()

    people.alice.post("Hello Bob")

    heard = people.bob.hear_body("Hello Bob")
    assert heard["author"] == people.alice.member_id
    assert people.alice.hear_body("Hello Bob")["html"] == heard["html"]
    assert people.charlie.hear_nothing("changes", seconds=2) == []


def test_everything_arrives_once_and_in_order_after_kill_and_restart(server, people):
    people.alice.connect()
    people.bob.connect()
    for number in range(3):
        people.alice.post(f"before {number}")
    people.bob.hear_body("before 2")
    people.alice.hear_body("before 2")

    server.kill()
    server.start()
    people.alice.connect()
    for number in range(3):
        people.alice.post(f"after {number}")
    people.alice.hear_body("after 2")
    people.bob.connect()

    expected = [f"{when} {n}" for when in ("before", "after") for n in range(3)]
    assert people.bob.bodies() == expected
    assert people.alice.bodies() == expected


def test_an_unanswered_message_sent_again_is_stored_once(server, people):
    client_id = str(uuid.uuid4())
    people.alice.connect()
    people.alice.post("once", client_id)
    server.kill()
    server.start()

    people.alice.connect()
    people.alice.post("once", client_id)
    people.alice.hear_body("once")

    people.bob.connect()
    people.bob.hear_body("once")
    assert people.bob.bodies() == ["once"]


def test_a_file_arrives_with_its_name_and_bytes_for_members_only(people):
    content = os.urandom(20 * 1024 * 1024)
    people.bob.connect()

    answer = people.alice.post_form("", files=[("laporan akhir.bin", content)])

    assert answer.status_code == 201, answer.text
    html = people.bob.hear("changes", 30)["events"][-1]["html"]
    path = html.split('href="')[1].split('"')[0]
    received = people.bob.get(path)
    assert hashlib.sha256(received.content).digest() == hashlib.sha256(content).digest()
    assert 'filename="laporan akhir.bin"' in received.headers["Content-Disposition"]
    refused = people.charlie.get(path)
    unknown = people.charlie.get(path[:-5] + "xxxx/")
    assert (refused.status_code, refused.text) == (404, unknown.text)


def test_who_drops_off_is_gone_from_the_others_list(people):
    people.alice.connect()
    people.bob.connect()
    came = people.alice.hear("presence")
    while people.bob.member_id not in {p["id"] for p in came["came"]}:
        came = people.alice.hear("presence")

    people.bob.socket.close()

    assert people.alice.hear("presence")["went"] == [people.bob.member_id]


def test_a_browser_that_falls_silent_is_gone_within_25_seconds(people):
    people.alice.connect()
    people.bob.connect()  # never answers a heartbeat from here on
    went = []
    while people.bob.member_id not in went:
        went = people.alice.hear("presence", 25)["went"]

    assert people.bob.close_code(5) == 4000


def test_a_frame_over_64_kib_ends_that_socket_only(people):
    people.alice.connect()
    people.bob.connect()

    people.alice.socket.send('{"type":"post","body":"' + "x" * 65536 + '"}')

    assert people.alice.close_code() == 1009
    people.bob.post("still here")
    assert people.bob.hear_body("still here")["author"] == people.bob.member_id


def test_mistakes_are_answered_and_the_socket_stays_open(people):
    people.alice.connect()
    people.bob.connect()

    people.alice.socket.send(b"\x00\x01")
    binary = people.alice.hear("refused")
    people.alice.post("\ud800")  # as JSON: an escaped half of a letter
    half_a_letter = people.alice.hear("refused")
    people.alice.socket.send('{"type":"post","client_id":"no","body":"x"}')
    bad_id = people.alice.hear("refused")

    codes = [answer["code"] for answer in (binary, half_a_letter, bad_id)]
    assert codes == ["bad_frame", "unreadable_text", "bad_client_id"]
    assert people.bob.hear_nothing("refused", 1) == []


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://{host}", "http://127.0.0.1:1", None],
)
def test_other_sites_open_no_socket(server, people, origin):
    host = server.url.removeprefix("http://")
    person = Person(server.url, "Eve")
    person.http, person.page_path = people.alice.http, people.alice.page_path

    with pytest.raises(InvalidStatus) as refused:
        person.connect(origin=origin and origin.format(host=host))

    # "null" is turned away by the WebSocket library before the application: 400.
    expected = 400 if origin == "null" else 403
    assert refused.value.response.status_code == expected


def test_a_download_that_runs_is_finished_before_a_stop(server, people):
    content = os.urandom(12 * 1024 * 1024)
    answer = people.alice.post_form("", files=[("big.bin", content)])
    path = answer.json()["events"][0]["html"].split('href="')[1].split('"')[0]

    with people.bob.get(path, stream=True) as download:
        start = download.raw.read(1000)
        server.signal(signal.SIGTERM)
        time.sleep(1)  # a while after sockets were told
        rest = download.raw.read()

    assert hashlib.sha256(start + rest).digest() == hashlib.sha256(content).digest()
    assert server.popen.wait(15) == 0
    assert "Traceback" not in server.log.read_text()
