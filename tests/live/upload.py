"""A tus client of our own for live tests, which can be cut at any byte."""

import base64
import hashlib
import http.client
import socket
import struct

from tests.live.person import TOKEN

CHUNK_BYTES = 1024 * 1024
CHUNK_TYPE = "application/offset+octet-stream"


class Upload:
    """A file that `person` sends, chunk by chunk, to any server of the site."""

    def __init__(self, person, data, name="big.bin", size=None, headers=None):
        self.person, self.data = person, data
        self.port = int(person.url.rsplit(":", 1)[1])
        self.headers = headers or headers_of(person)
        self.sent = 0  # bytes of chunks, also of those that were sent again
        answer = self.ask(
            "POST",
            f"{person.page_path}uploads/",
            Upload_Length=str(len(data) if size is None else size),
            Upload_Metadata=f"filename {base64.b64encode(name.encode()).decode()}",
        )
        assert answer.status == 201, (answer.status, answer.content)
        self.path = answer.headers["Location"]
        self.id = self.path.strip("/").split("/")[-1]

    def ask(self, method, path, body=None, **headers):
        """Make a request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {n.replace("_", "-"): value for n, value in headers.items()}
            connection.request(method, path, body, self.headers | headers)
            answer = connection.getresponse()
            answer.content = answer.read()
            return answer
        finally:
            connection.close()

    def offset(self):
        answer = self.ask("HEAD", self.path)
        assert answer.status == 200, answer.status
        return int(answer.headers["Upload-Offset"])

    def chunk_at(self, offset):
        return self.data[offset : offset + CHUNK_BYTES]

    def headers_at(self, offset):
        headers = {"Upload_Offset": str(offset), "Content_Type": CHUNK_TYPE}
        headers["Upload_Checksum"] = checksum(self.chunk_at(offset))
        if offset + CHUNK_BYTES >= len(self.data):
            headers["Upload_File_Checksum"] = checksum(self.data)
        return headers

    def send_at(self, offset):
        """Send one chunk; return the answer."""
        self.sent += len(self.chunk_at(offset))
        return self.ask(
            "PATCH", self.path, self.chunk_at(offset), **self.headers_at(offset)
        )

    def send_until(self, end):
        """Send chunks from the stored offset until the one that holds byte `end`;
        return where that begins."""
        offset = self.offset()
        while offset + CHUNK_BYTES <= end and offset < len(self.data):
            answer = self.send_at(offset)
            assert answer.status == 204, (answer.status, answer.content)
            offset = int(answer.headers["Upload-Offset"])
        return offset

    def send_rest(self, offset):
        """Send all that is left in one request; return the answer."""
        headers = {"Upload_Offset": str(offset), "Content_Type": CHUNK_TYPE}
        return self.ask("PATCH", self.path, self.data[offset:], **headers)

    def begin(self, headers, length):
        """Return a connection on which the head of a PATCH was sent."""
        fields = self.headers | headers
        fields |= {"Host": f"127.0.0.1:{self.port}", "Content-Length": str(length)}
        lines = "".join(f"{n.replace('_', '-')}: {v}\r\n" for n, v in fields.items())
        line = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        line.sendall(f"PATCH {self.path} HTTP/1.1\r\n{lines}\r\n".encode())
        return line

    def begin_rest(self, offset):
        """The same, for all that is left."""
        headers = {"Upload_Offset": str(offset), "Content_Type": CHUNK_TYPE}
        return self.begin(headers, len(self.data) - offset)

    def cut(self, offset, count, *, reset):
        """Send `count` bytes of the chunk at `offset`, then end the connection."""
        chunk = self.chunk_at(offset)
        self.sent += len(chunk)
        with self.begin(self.headers_at(offset), len(chunk)) as line:
            line.sendall(chunk[:count])
            if reset:
                line.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )


def headers_of(person):
    """What every request of an upload has."""
    token = TOKEN.search(person.get(person.page_path).text)[1]
    cookies = "; ".join(f"{c.name}={c.value}" for c in person.http.cookies)
    return {"Tus-Resumable": "1.0.0", "X-CSRFToken": token, "Cookie": cookies}


def checksum(data):
    return f"sha256 {base64.b64encode(hashlib.sha256(data).digest()).decode()}"
