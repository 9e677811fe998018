"""Everything between a checkout and a start: safe to repeat, quick when done before."""

from django.core.management import BaseCommand, call_command

from rooms import actions


class Command(BaseCommand):
    help = "Migrate, collect static files, compile translations, keep house."

    def handle(self, **options):
        call_command("compile_translations")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        actions.housekeep()
