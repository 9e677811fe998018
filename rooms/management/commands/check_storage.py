"""Proves that the database and the files agree."""

from django.core.management import BaseCommand, CommandError

from rooms import actions


class Command(BaseCommand):
    help = (
        "Name every file whose row and bytes do not agree; fail when there is one. "
        "Restore what a backup has before --repair."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--hashes", action="store_true", help="Read every file and compare SHA-256."
        )
        parser.add_argument(
            "--repair",
            action="store_true",
            help=(
                "Delete attachments whose bytes are missing or others, and bytes that "
                "no attachment names; have missing previews made again."
            ),
        )

    def handle(self, *, hashes, repair, **options):
        faults = list(actions.check_storage(hashes=hashes))
        for fault in faults:
            self.stdout.write(f"{fault.kind}: {fault.where}")
            if repair:
                fault.mend()
        if faults and not repair:
            raise CommandError(f"{len(faults)} faults. --repair mends them.")
        self.stdout.write(f"{len(faults)} mended." if faults else "All agree.")
