"""The least that a server can do with files: a body to the disk, a file to the reader.

python -m bench.plain PORT runs it on the server that Chatsite runs on; other servers
take `bench.plain:application`. Files live in the folder of $PLAIN_FOLDER.
"""

import hashlib
import os
import sys
from pathlib import Path

PIECE_BYTES = 256 * 1024


async def application(scope, receive, send):
    """PUT writes a file, GET reads it, under the path's last part. Under /hashed/ the
    body's SHA-256 is the answer's ETag; under /coming/ it is taken while it comes."""
    if scope["type"] != "http":
        return
    path = Path(os.environ["PLAIN_FOLDER"]) / scope["path"].rpartition("/")[2]
    if scope["method"] == "PUT":
        digest = hashlib.sha256() if "/hashed/" in scope["path"] else None
        await take(path, digest, receive, send)
    else:
        await give(path, send)


async def take(path, digest, receive, send):
    with path.open("wb") as file:
        is_more = True
        while is_more:
            event = await receive()
            body = event.get("body", b"")
            file.write(body)
            if digest:
                digest.update(body)
            is_more = event.get("more_body", False)
    await begin(send, 201, 0, digest.hexdigest() if digest else "")
    await send({"type": "http.response.body"})


async def give(path, send):
    await begin(send, 200, path.stat().st_size)
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            body = {"type": "http.response.body", "body": piece, "more_body": True}
            await send(body)
    await send({"type": "http.response.body"})


async def begin(send, status, length, tag=""):
    headers = [(b"content-length", str(length).encode())]
    headers += [(b"etag", tag.encode())] if tag else []
    await send({"type": "http.response.start", "status": status, "headers": headers})


def main(port):
    import uvloop  # noqa: PLC0415

    uvloop.install()  # before Daphne makes its loop

    from chatsite.daphne import MendedServer  # noqa: PLC0415

    async def finish():
        """Nothing waits here."""

    endpoints = [f"tcp:port={port}:interface=127.0.0.1"]
    MendedServer(
        application,
        finish=finish,
        takes_while_it_comes=lambda path: path.startswith("/coming/"),
        endpoints=endpoints,
    ).run()


if __name__ == "__main__":
    main(sys.argv[1])
