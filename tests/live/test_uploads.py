"""Uploads to real servers, by clients of others, and cut in every way."""

import contextlib
import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import threading
import time
from http.client import HTTPException
from pathlib import Path

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from tests.live import processes
from tests.live.person import Person
from tests.live.upload import CHUNK_BYTES, Upload, headers_of

pytestmark = pytest.mark.live
MIB = 1024 * 1024
TUS_JS = "tus-js-client@4.3.1"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def files_in(server, name):
    folder = Path(server.environment["DATA_DIR"]) / name
    return [path for path in folder.rglob("*") if path.is_file()]


def rows_of(server):
    """[state, SHA-256, public id] of every attachment."""
    code = (
        "import json; from rooms.models import Attachment; print(json.dumps("
        "list(Attachment.objects.values_list('state', 'sha256', 'public_id'))))"
    )
    done = processes.manage(server.environment, "shell", "-v0", "-c", code)
    return json.loads(done.stdout)


def assert_is_whole(server, person, data):
    """The file is there once: one row, one file, no remains, and it can be read."""
    ((state, digest, public_id),) = rows_of(server)
    assert (state, digest) == ("ready", sha256(data))
    (stored,) = files_in(server, "media")
    assert sha256(stored.read_bytes()) == sha256(data)
    assert files_in(server, "uploads") == []
    answer = person.get(f"{person.page_path}files/{public_id}/")
    assert sha256(answer.content) == sha256(data)


@pytest.fixture
def alice(server):
    return Person(server.url, "Alice").join("1001")


# Clients of others


@pytest.fixture
def big_file(tmp_path):
    path = tmp_path / "big.bin"
    path.write_bytes(os.urandom(5 * MIB + 321))
    return path


def tuspy(server, person):
    fields = headers_of(person)
    fields.pop("Tus-Resumable")
    return TusClient(f"{server.url}{person.page_path}uploads/", headers=fields)


def test_tuspy_uploads_and_resumes(server, alice, big_file):
    client = tuspy(server, alice)
    options = {"chunk_size": CHUNK_BYTES, "metadata": {"filename": "big.bin"}}
    options["upload_checksum"] = True
    first = client.uploader(str(big_file), **options)
    first.upload_chunk()
    first.upload_chunk()

    client.uploader(str(big_file), url=first.url, **options).upload()

    assert_is_whole(server, alice, big_file.read_bytes())


def test_tuspy_goes_on_after_a_restart(server, alice, big_file):
    client = tuspy(server, alice)
    uploader = client.uploader(
        str(big_file), chunk_size=CHUNK_BYTES, metadata={"filename": "big.bin"}
    )
    uploader.upload(stop_at=2 * MIB)
    server.kill()
    with pytest.raises(TusCommunicationError):
        uploader.upload()
    server.start()

    client.uploader(str(big_file), chunk_size=CHUNK_BYTES, url=uploader.url).upload()

    assert_is_whole(server, alice, big_file.read_bytes())


def test_tuspy_sends_a_file_in_one_request(server, alice, big_file):
    client = tuspy(server, alice)
    url = client.uploader(str(big_file), metadata={"filename": "big.bin"}).create_url()

    client.uploader(str(big_file), url=url).upload()

    assert_is_whole(server, alice, big_file.read_bytes())


@pytest.fixture(scope="session")
def tus_js(tmp_path_factory):
    """A folder with tus-js-client, from npm's registry."""
    folder = tmp_path_factory.mktemp("node")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", TUS_JS]
    done = subprocess.run(command, cwd=folder, check=False, timeout=120)
    if done.returncode:
        pytest.skip("npm could not install tus-js-client")
    return folder


SCRIPT = """
const tus = require("tus-js-client");
const fs = require("fs");
const [path, endpoint, headers, stopAfter, more] = process.argv.slice(2);
const options = {
  endpoint, headers: JSON.parse(headers), ...JSON.parse(more),
  retryDelays: [100, 200, 400, 800, 1600, 3200, 3200, 3200],
  metadata: { filename: "big.bin" }, uploadSize: fs.statSync(path).size,
  urlStorage: new tus.FileUrlStorage(path + ".urls"),
  onError(error) { console.error(String(error)); process.exit(1); },
  onSuccess() { console.log("whole"); process.exit(0); },
  onChunkComplete(size, accepted) {
    console.log("accepted", accepted);
    if (accepted >= Number(stopAfter)) process.exit(0);
  },
};
const upload = new tus.Upload(fs.createReadStream(path), options);
upload.findPreviousUploads().then((previous) => {
  if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
  upload.start();
});
"""


@pytest.fixture
def run_tus_js(tus_js, server, alice, big_file):
    def run(stop_after=10**12, options=None):
        fields = headers_of(alice)
        fields.pop("Tus-Resumable")
        endpoint = f"{server.url}{alice.page_path}uploads/"
        script = tus_js / "upload.js"
        script.write_text(SCRIPT)
        arguments = [big_file, endpoint, json.dumps(fields), str(stop_after)]
        arguments.append(json.dumps(options or {"chunkSize": MIB}))
        return subprocess.Popen(
            ["node", script, *arguments], cwd=tus_js, stdout=subprocess.PIPE, text=True
        )

    return run


@pytest.mark.node
def test_tus_js_client_uploads_and_resumes(server, alice, big_file, run_tus_js):
    told = run_tus_js(stop_after=2 * MIB).communicate(timeout=60)[0].split("\n")
    again = run_tus_js().communicate(timeout=60)[0].split("\n")

    assert (told[1], again[0]) == (f"accepted {2 * MIB}", f"accepted {3 * MIB}")
    assert again[-2] == "whole"
    assert_is_whole(server, alice, big_file.read_bytes())


@pytest.mark.node
def test_tus_js_client_goes_on_through_a_restart(server, alice, big_file, run_tus_js):
    client = run_tus_js()
    client.stdout.readline()
    server.kill()
    server.start()

    assert client.communicate(timeout=60)[0].split("\n")[-2] == "whole"
    assert_is_whole(server, alice, big_file.read_bytes())


@pytest.mark.node
def test_tus_js_client_sends_a_file_in_one_request(server, alice, big_file, run_tus_js):
    """As it does unless it is told of chunks."""
    options = {"uploadDataDuringCreation": True}

    told = run_tus_js(options=options).communicate(timeout=60)[0].split("\n")

    assert told[-2] == "whole"
    assert_is_whole(server, alice, big_file.read_bytes())


# Cuts


KINDS = ["leave", "reset", "kill", "kill at work", "move"]


class Cutter:
    """Makes an upload fail at bytes that chance chose."""

    def __init__(self, servers, dice, proxy=None):
        self.servers, self.dice, self.proxy = servers, dice, proxy

    def cut(self, upload, kind, offset):
        """Spoil the chunk at `offset` in one way."""
        count = self.dice.randrange(len(upload.chunk_at(offset)))
        if kind == "kill at work":
            self._kill_at_work(upload, offset)
            return
        upload.cut(offset, count, reset=kind == "reset")
        if kind == "kill":
            self._restart(upload)
        elif kind == "move" and not self.proxy:  # which moves by itself
            upload.port = self.dice.choice(self.servers).port

    def _kill_at_work(self, upload, offset):
        """The whole chunk is there, and the server is killed while it stores it."""
        sender = threading.Thread(target=self._send, args=[upload, offset])
        sender.start()
        time.sleep(self.dice.random() * 0.02)
        self._restart(upload)
        sender.join()

    def _send(self, upload, offset):
        with contextlib.suppress(OSError, HTTPException):
            upload.send_at(offset)

    def _restart(self, upload):
        known = [s for s in self.servers if s.port == upload.port]
        server = self.dice.choice(known or self.servers)
        server.kill()
        server.start()


def cut_often(servers, person, *, size, cuts, proxy=None):
    """Upload a file that is cut so often; return its bytes."""
    dice = random.Random(os.environ.get("FAULTS_SEED", "1"))
    data, cutter = dice.randbytes(size), Cutter(servers, dice, proxy)
    upload = Upload(person, data)
    kinds = [KINDS[n % len(KINDS)] for n in range(cuts)]
    dice.shuffle(kinds)
    places = sorted(dice.randrange(size) for _ in kinds)
    for kind, place in zip(kinds, places, strict=True):
        offset = upload.send_until(place)
        if offset == size:  # the last chunk was stored while its server was killed
            break
        cutter.cut(upload, kind, offset)
        assert upload.offset() in {offset, offset + len(upload.chunk_at(offset))}
    upload.send_until(size)
    if (offset := upload.offset()) < size:
        assert upload.send_at(offset).status == 204
    assert upload.sent <= size + cuts * CHUNK_BYTES
    return data


def test_cuts_leave_no_trace(server, alice):
    data = cut_often([server], alice, size=16 * MIB + 77, cuts=8)

    assert_is_whole(server, alice, data)


@pytest.mark.long
def test_fifty_cuts_leave_no_trace(server, alice):
    data = cut_often([server], alice, size=64 * MIB, cuts=50)

    assert_is_whole(server, alice, data)


@pytest.mark.redis
@pytest.mark.postgresql
@pytest.mark.xdist_group("postgresql")
def test_cuts_and_moves_between_two_servers(pair):
    alice = Person(pair.first.url, "Alice").join("1001")

    data = cut_often([pair.first, pair.second], alice, size=16 * MIB + 77, cuts=8)

    assert_is_whole(pair.first, alice, data)


@pytest.mark.redis
@pytest.mark.postgresql
@pytest.mark.xdist_group("postgresql")
@pytest.mark.long
def test_fifty_cuts_and_moves_between_two_servers(pair):
    alice = Person(pair.first.url, "Alice").join("1001")

    data = cut_often([pair.first, pair.second], alice, size=64 * MIB, cuts=50)

    assert_is_whole(pair.first, alice, data)


@pytest.mark.nginx
@pytest.mark.redis
@pytest.mark.postgresql
@pytest.mark.xdist_group("postgresql")
def test_cuts_behind_nginx(behind_nginx):
    nginx, servers = behind_nginx.nginx, behind_nginx.servers
    alice = Person(nginx.url, "Alice").join("1001")

    data = cut_often(servers, alice, size=16 * MIB + 77, cuts=8, proxy=nginx)

    assert_is_whole(servers[0], alice, data)


@pytest.mark.nginx
@pytest.mark.redis
@pytest.mark.postgresql
@pytest.mark.xdist_group("postgresql")
@pytest.mark.long
def test_fifty_cuts_behind_nginx(behind_nginx):
    nginx, servers = behind_nginx.nginx, behind_nginx.servers
    alice = Person(nginx.url, "Alice").join("1001")

    data = cut_often(servers, alice, size=64 * MIB, cuts=50, proxy=nginx)

    assert_is_whole(servers[0], alice, data)


# What others see


def test_others_see_it_come_and_get_ready(server, people):
    people.bob.connect()
    data = os.urandom(3 * MIB)

    upload = Upload(people.alice, data)
    upload.send_until(2 * MIB)
    progress = people.bob.hear("progress")
    upload.send_until(3 * MIB)

    assert progress["files"] in ({upload.id: MIB}, {upload.id: 2 * MIB})
    while "ready" not in rows_of(server)[0]:
        time.sleep(0.1)
    people.bob.hear("changes")


@pytest.mark.redis
@pytest.mark.postgresql
@pytest.mark.xdist_group("postgresql")
def test_progress_crosses_to_the_other_server(pair):
    alice = Person(pair.first.url, "Alice").join("1001")
    bob = Person(pair.second.url, "Bob").join("1001").connect()

    upload = Upload(alice, os.urandom(2 * MIB))
    upload.send_until(MIB)

    assert bob.hear("progress")["files"] == {upload.id: MIB}


# Refusals


@pytest.mark.parametrize("spelling", ["uploads", "%75ploads", "up%6Coads"])
def test_too_large_a_chunk_is_refused_before_it_is_read(server, alice, spelling):
    upload = Upload(alice, b"x" * 3 * MIB)
    upload.path = upload.path.replace("uploads", spelling)
    with upload.begin(upload.headers_at(0), 2 * MIB) as line:
        line.sendall(b"x" * 1000)

        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_more_than_any_file_may_have_is_refused_before_it_is_read(server, alice):
    upload = Upload(alice, b"x" * 3 * MIB)
    headers = upload.headers_at(0)
    del headers["Upload_Checksum"]
    with upload.begin(headers, 10**15) as line:
        line.sendall(b"x" * 1000)

        assert line.recv(100).startswith(b"HTTP/1.1 413 ")
    assert upload.offset() == 0


def test_too_much_without_a_length_is_refused(server, alice):
    upload = Upload(alice, b"x" * 10)
    parts = (b"x" * 65536 for _ in range(40))

    try:
        answer = upload.ask("PATCH", upload.path, parts, **upload.headers_at(0))
        assert answer.status == 413
    except (ConnectionError, OSError):
        pass  # it was cut while we were still sending
    assert upload.offset() == 0


@pytest.mark.parametrize("path", ["/health/", "/", "/rooms/x/", "/admin/login/"])
def test_only_the_form_of_messages_takes_large_bodies(server, path):
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(f"{head}Content-Length: {100 * MIB}\r\n\r\nx".encode())

        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_who_is_refused_and_goes_on_sending_is_cut(server):
    head = f"POST /rooms/x/uploads/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(f"{head}Content-Length: {100 * MIB}\r\n\r\nx".encode())
        with contextlib.suppress(OSError):
            while line.recv(4096):
                pass

    assert "Traceback" not in server.log.read_text()


@pytest.fixture
def small_disk(tmp_path, prepared):
    """A data folder on a disk of 96 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", folder]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk")
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_on_a_full_disk_the_chat_goes_on(small_disk):
    server = processes.Server(small_disk).start()
    try:
        alice = Person(server.url, "Alice").join("1001").connect()
        filler = small_disk / "filler"
        data = os.urandom(40 * MIB)
        upload = Upload(alice, data)
        upload.send_until(24 * MIB)
        free = shutil.disk_usage(small_disk).free
        filler.write_bytes(b"\0" * (free - 32 * MIB - MIB // 2))

        refused = upload.send_at(24 * MIB)
        form = alice.post_form("And a form", files=[("b.bin", bytes(2 * MIB))])
        alice.post("The chat goes on")

        assert (form.status_code, form.headers["Retry-After"]) == (507, "60")
        assert (refused.status, refused.headers["Retry-After"]) == (507, "60")
        assert json.loads(refused.content)["code"] == "storage_full"
        alice.hear_body("The chat goes on")
        assert upload.offset() == 24 * MIB
        filler.unlink()
        upload.send_until(len(data))
        assert_is_whole(server, alice, data)
    finally:
        server.stop()
