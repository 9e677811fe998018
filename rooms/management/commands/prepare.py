"""Everything between a checkout and a start: safe to repeat, quick when done before."""

import time
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import BaseCommand, call_command
from django.db.models import Q

from rooms.limits import ORPHAN_FILE_SECONDS
from rooms.models import Attachment


class Command(BaseCommand):
    help = "Migrate, collect static files, compile translations, sweep orphaned files."

    def handle(self, **options):
        call_command("compile_translations")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        sweep_files()


def sweep_files():
    """Delete stored files that no attachment names: left by a crash between the two.

    A database without any attachment may be the wrong one: then nothing is deleted.
    """
    if not Attachment.objects.exists():
        return
    root = Path(settings.MEDIA_ROOT) / "files"
    oldest = time.time() - ORPHAN_FILE_SECONDS
    for folder in root.glob("*"):
        found = {
            f"files/{folder.name}/{path.name}"
            for path in folder.iterdir()
            if path.stat().st_mtime < oldest
        }
        named = Q(file__in=found) | Q(thumbnail__in=found) | Q(picture__in=found)
        named = Attachment.objects.filter(named).stored_names()
        for name in found.difference(named):
            default_storage.delete(name)
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
