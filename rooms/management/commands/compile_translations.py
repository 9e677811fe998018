"""Translations for a machine without gettext's tools."""

from pathlib import Path

import polib
from django.conf import settings
from django.core.management import BaseCommand


class Command(BaseCommand):
    help = "Compile each .po file that is newer than its .mo file."
    requires_system_checks = ()

    def handle(self, **options):
        compile_translations()


def compile_translations():
    """Compile each .po that is newer than its .mo (polib: needs no gettext tools)."""
    for folder in settings.LOCALE_PATHS:
        for source in Path(folder).glob("*/LC_MESSAGES/*.po"):
            target = source.with_suffix(".mo")
            if not target.exists() or target.stat().st_mtime <= source.stat().st_mtime:
                polib.pofile(str(source)).save_as_mofile(str(target))
