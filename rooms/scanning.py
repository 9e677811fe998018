"""A virus scanner, where the site has one: nobody gets a file before it has passed."""

import logging
import shlex
import subprocess
import tempfile
from contextlib import contextmanager

from django.conf import settings

from rooms.exceptions import Infected, ScannerAway
from rooms.limits import SCAN_SECONDS

logger = logging.getLogger(__name__)

CLEAN, FOUND = 0, 1  # exit codes, as those of clamscan and clamdscan


def refuse_infected(path):
    """Have a file on the disk looked at, by SCAN_COMMAND with its path at the end.

    Raises Infected when something is found, ScannerAway when the scanner cannot tell.
    """
    if not settings.SCAN_COMMAND:
        return
    command = [*shlex.split(settings.SCAN_COMMAND), str(path)]
    try:
        code = subprocess.run(  # noqa: S603 - the operator's own command
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SCAN_SECONDS,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as failure:
        logger.error("scanner: %s", failure)
        raise ScannerAway from failure
    if code == FOUND:
        raise Infected
    if code != CLEAN:
        logger.error("scanner: exit code %d", code)
        raise ScannerAway


def refuse_infected_upload(upload):
    """The same of a file that came with a form."""
    if settings.SCAN_COMMAND:
        with on_disk(upload) as path:
            refuse_infected(path)


@contextmanager
def on_disk(upload):
    """Give the path of its bytes; short uploads are in memory only."""
    if hasattr(upload, "temporary_file_path"):
        yield upload.temporary_file_path()
        return
    with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        yield file.name
