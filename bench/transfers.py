"""Moves one file to a server and back, as fast as one core can; counts and hashes."""

import hashlib
import os
import socket
import time

PIECE_BYTES = 1024 * 1024
SECONDS = 120
CHUNK_TYPE = "application/offset+octet-stream"


class Source:
    """A file of random bytes that repeat, so that it costs no disk."""

    def __init__(self, size):
        self.size = size
        self.piece = memoryview(os.urandom(PIECE_BYTES))
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        self.sha256 = digest.hexdigest()
        self.piece_sha256 = hashlib.sha256(self.piece).digest()

    def pieces(self):
        for start in range(0, self.size, PIECE_BYTES):
            yield self.piece[: min(PIECE_BYTES, self.size - start)]


class Line:
    """One connection to a server, kept for many requests."""

    def __init__(self, port, headers=None):
        self.port, self.headers = port, headers or {}
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self.buffer = bytearray()

    def close(self):
        self.socket.close()

    def ask(self, method, path, *, length=0, **headers):
        """Send the head of a request whose body, `length` bytes, comes after."""
        fields = {"Host": f"127.0.0.1:{self.port}", "Content-Length": length}
        fields |= self.headers | {n.replace("_", "-"): v for n, v in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode())

    def answer(self):
        """Return (status, headers in lower case) of the next answer."""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, _end, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        self.buffer = bytearray(rest)
        first, *lines = head.decode("latin1").split("\r\n")
        fields = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _colon, value in fields}
        return int(first.split()[1]), headers

    def body(self, length, take):
        """Give the answer's body to `take`, piece by piece."""
        left = length - len(self.buffer)
        take(bytes(self.buffer))
        self.buffer = bytearray()
        piece = memoryview(bytearray(PIECE_BYTES))
        while left:
            count = self.socket.recv_into(piece, min(left, PIECE_BYTES))
            assert count, f"{left} bytes never came"
            take(piece[:count])
            left -= count

    def _more(self):
        data = self.socket.recv(65536)
        assert data, "the connection ended before the answer"
        self.buffer += data


def put(port, path, source):
    """Send a file in one request; return the seconds it took."""
    line = Line(port)
    started = time.perf_counter()
    line.ask("PUT", path, length=source.size)
    for piece in source.pieces():
        line.socket.sendall(piece)
    status, _headers = line.answer()
    took = time.perf_counter() - started
    line.close()
    assert status in {201, 204}, status
    return took


def patch(port, path, source, headers):
    """Send a file by tus in one request; return the seconds it took."""
    line = Line(port, headers)
    started = time.perf_counter()
    fields = {"Upload_Offset": 0, "Content_Type": CHUNK_TYPE}
    line.ask("PATCH", path, length=source.size, **fields)
    for piece in source.pieces():
        line.socket.sendall(piece)
    status, answer = line.answer()
    took = time.perf_counter() - started
    line.close()
    assert (status, int(answer["upload-offset"])) == (204, source.size), status
    return took


def patch_in_chunks(port, path, source, headers, checksum):
    """Send a file in chunks, each with its checksum; return the seconds it took."""
    line = Line(port, headers)
    started = time.perf_counter()
    offset = 0
    for piece in source.pieces():
        line.ask(
            "PATCH",
            path,
            length=len(piece),
            Upload_Offset=offset,
            Content_Type=CHUNK_TYPE,
            Upload_Checksum=checksum,
        )
        line.socket.sendall(piece)
        status, fields = line.answer()
        assert status == 204, status
        offset += len(piece)
        if fields.get("connection", "").lower() == "close":
            line.close()
            line = Line(port, headers)
    took = time.perf_counter() - started
    line.close()
    return took


def get(port, path, source, headers=None):
    """Receive a file; return the seconds it took. Before, it is hashed, untimed."""
    digest = hashlib.sha256()
    _receive(port, path, source, headers, digest.update)
    assert digest.hexdigest() == source.sha256, "another file came back"
    return _receive(port, path, source, headers, lambda piece: None)


def _receive(port, path, source, headers, take):
    line = Line(port, headers)
    started = time.perf_counter()
    line.ask("GET", path)
    status, fields = line.answer()
    assert (status, int(fields["content-length"])) == (200, source.size), status
    line.body(source.size, take)
    took = time.perf_counter() - started
    line.close()
    return took
