"""The running site does this by itself every hour."""

from django.core.management import BaseCommand

from rooms import actions


class Command(BaseCommand):
    help = (
        "Give up expired uploads; delete bytes older than an hour that nothing names."
    )

    def handle(self, **options):
        for what, count in actions.housekeep().items():
            self.stdout.write(f"{count} {what}")
