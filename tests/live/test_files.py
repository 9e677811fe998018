"""Previews and receipts on a real server: off the request path, and after kills."""

import io
import os
import re
import signal
import threading
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from urllib3.exceptions import ProtocolError

from tests.images import bomb, image
from tests.live.person import Person
from tests.live.processes import wait_until
from tests.live.test_memory import ALLOWED_MIB, FILE_MIB, MIB, memory

pytestmark = pytest.mark.live
FILE = re.compile(r'"(/rooms/[\w-]+/files/[\w-]+/)"')
CHILD = b"drawing_process.py"
GUESTS = 12


def post_file(person, name, content):
    """Post one file; return (path of the file, the event's position)."""
    (event,) = person.post_form("", files=[(name, content)]).json()["events"]
    return FILE.search(event["html"])[1], event["position"]


def slow_image():
    """Return a PNG that takes a second or so, with nearly as many pixels as may be."""
    output = io.BytesIO()
    slope = Image.linear_gradient("L").resize((6300, 6300))
    Image.merge("RGB", [slope, slope.transpose(Image.Transpose.ROTATE_90), slope]).save(
        output, "PNG", compress_level=1
    )
    return output.getvalue()


def hear_again(person, position, change, seconds=30):
    """Listen until the message at a position was told with a later change."""
    while person.seen.get(position, {"change": 0})["change"] <= change:
        person.listen(seconds)
    return person.seen[position]["change"]


def child_of(server):
    """Return the process that draws for the server, or None."""
    pid = server.popen.pid
    children = Path(f"/proc/{pid}/task").glob("*/children")
    for child in " ".join(path.read_text() for path in children).split():
        try:
            if CHILD in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        except OSError:
            continue
    return None


def is_shown(person, path):
    return person.get(f"{path}thumbnail/").status_code == 200


def test_a_preview_is_made_and_told(people):
    people.bob.connect()

    path, position = post_file(people.alice, "a.png", image())
    posted = hear_again(people.bob, position, 0)
    hear_again(people.bob, position, posted)

    assert is_shown(people.bob, path)
    assert people.charlie.get(f"{path}thumbnail/").status_code == 404


def test_a_killed_process_is_started_again(server, people):
    path, _position = post_file(people.alice, "a.png", slow_image())

    os.kill(wait_until(lambda: child_of(server), 20, every=0.01), signal.SIGKILL)

    wait_until(lambda: is_shown(people.alice, path), 60)


def test_a_killed_server_goes_on_after_its_start(server, people):
    path, _position = post_file(people.alice, "a.png", slow_image())

    wait_until(lambda: child_of(server), 20, every=0.01)
    server.kill()
    assert server.start()

    wait_until(lambda: is_shown(people.alice, path), 60)


def test_bombs_leave_the_server_alone(server, people):
    before = memory(server)

    post_file(people.alice, "bomb.png", bomb())
    path, _position = post_file(people.alice, "small.png", image())

    wait_until(lambda: is_shown(people.alice, path), 60)
    assert memory(server) - before < ALLOWED_MIB


def test_a_download_is_a_receipt(people):
    people.alice.connect()
    path, position = post_file(people.alice, "a.bin", b"x" * MIB)
    posted = hear_again(people.alice, position, 0)

    assert people.bob.get(path).content == b"x" * MIB

    hear_again(people.alice, position, posted)


def test_receipts_that_come_together_are_told_together(server, people):
    guests = [Person(server.url, f"Guest {n}").join("1001") for n in range(GUESTS)]
    people.alice.connect()
    path, position = post_file(people.alice, "a.bin", b"x")
    first = hear_again(people.alice, position, 0)
    answers = []

    def say(guest):
        answers.append(guest.submit(f"{path}received/", guest.page_path).status_code)

    threads = [threading.Thread(target=say, args=[guest]) for guest in guests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    people.alice.hear_nothing("presence", 2)

    assert answers == [204] * GUESTS
    assert 1 <= people.alice.seen[position]["change"] - first <= GUESTS // 2


def open_files(server):
    """Return the stored files that the server has open."""
    links = Path(f"/proc/{server.popen.pid}/fd").iterdir()
    return [link for link in links if "/media/files/" in str(target_of(link))]


def target_of(link):
    try:
        return link.readlink()
    except OSError:  # closed meanwhile
        return None


@pytest.mark.parametrize("what", ["file", "zip"])
def test_who_hangs_up_leaves_nothing_open(server, people, what):
    path, _position = post_file(people.alice, "a.bin", bytes(FILE_MIB * MIB))
    path = path if what == "file" else f"{people.bob.page_path}files.zip"

    with people.bob.get(path, stream=True) as answer:
        assert len(answer.raw.read(MIB)) == MIB
        assert len(open_files(server)) == 1

    wait_until(lambda: open_files(server) == [], 10)
    page = people.bob.get(people.bob.page_path).text
    assert page.count("a.bin") > 0


def test_a_zip_is_never_held_in_memory(server, people):
    for name in ("a.bin", "b.bin"):
        post_file(people.alice, name, os.urandom(FILE_MIB * MIB // 2))
    before = memory(server)

    answer = people.bob.get(f"{people.bob.page_path}files.zip")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        sizes = [entry.file_size for entry in archive.infolist()]
        assert archive.testzip() is None
    assert sizes == [FILE_MIB * MIB // 2] * 2
    assert memory(server) - before < ALLOWED_MIB


def test_a_zip_that_fails_midway_is_cut(server, people):
    """And the server goes on: what has ended is still cleared away."""
    for name in ("a.bin", "b.bin", "c.bin"):
        post_file(people.alice, name, os.urandom(FILE_MIB * MIB))

    with people.bob.get(f"{people.bob.page_path}files.zip", stream=True) as answer:
        answer.raw.read(1000)
        for stored in (Path(server.environment["DATA_DIR"]) / "media/files").glob(
            "*/*"
        ):
            if not any(target_of(link) == stored for link in open_files(server)):
                stored.unlink()
        with pytest.raises((ProtocolError, OSError)):
            while answer.raw.read(MIB, decode_content=False):
                pass

    before = memory(server, "VmRSS")
    for _ in range(1500):
        assert people.bob.get("/health/").status_code == 200
    assert memory(server, "VmRSS") - before < 8
