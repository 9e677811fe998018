"""Proves that the database and the files agree."""

from django.core.management import BaseCommand, CommandError

from rooms import actions

TWO_SITES = (
    "Only one of database and storage has files. Is the storage mounted, and are both "
    "of the same site and backup? Nothing was touched; see --all-lost."
)


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

        parser.add_argument(
            "--all-lost",
            action="store_true",
            help="Go on although the database has files and the storage none.",
        )

    def handle(self, *, hashes, repair, all_lost, **options):
        empty = actions.which_is_empty()
        if empty and not (empty == "storage" and all_lost):
            raise CommandError(TWO_SITES)
        faults = list(actions.check_storage(hashes=hashes))
        for fault in faults:
            self.stdout.write(f"{fault.kind}: {fault.where}")
            if repair:
                fault.mend()
        if faults and not repair:
            raise CommandError(f"{len(faults)} faults. --repair mends them.")
        self.stdout.write(f"{len(faults)} mended." if faults else "All agree.")
