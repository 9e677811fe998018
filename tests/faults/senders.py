"""People who send large files all the time, in a process of their own: threads that
send would make the one who measures wait for the interpreter.

python -m tests.faults.senders URL COUNT MIB STOP: each of COUNT people sends files of
so many MiB until the file STOP exists; printed is how many came through, as a list.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.transfers import Source, patch, patch_in_chunks
from tests.live.person import Person
from tests.live.upload import Upload, checksum, headers_of

MIB = 1024 * 1024


class Sender:
    """A person who sends large files, and has a room alone."""

    def __init__(self, url, number):
        self.person = Person(url, f"Sender {number}").join(f"77{number}")
        self.headers = headers_of(self.person)  # once: who sends has the page open

    def _announce(self, source):
        return Upload(self.person, source.piece, size=source.size, headers=self.headers)

    def send(self, source):
        """Send a file to its end; return its path."""
        upload = self._announce(source)
        headers, digest = upload.headers, checksum(source.piece)
        patch_in_chunks(upload.port, upload.path, source, headers, digest)
        return upload.path.replace("/uploads/", "/files/")

    def send_at_once(self, source):
        """The same, in one request."""
        upload = self._announce(source)
        patch(upload.port, upload.path, source, upload.headers)
        return upload.path.replace("/uploads/", "/files/")

    def send_on(self, source, stop):
        """Send a file again and again until it is enough; return how often."""
        times = 0
        while not stop.exists():
            self.send(source)
            times += 1
        return times


def main(url, count, size, stop):
    source = Source(int(size) * MIB)
    senders = [Sender(url, number) for number in range(int(count))]
    with ThreadPoolExecutor(len(senders)) as threads:
        sent = threads.map(lambda sender: sender.send_on(source, Path(stop)), senders)
        print(json.dumps(list(sent)))


if __name__ == "__main__":
    main(*sys.argv[1:])
