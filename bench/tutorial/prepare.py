"""python -m bench.tutorial.prepare COUNT: the tables, and rooms numbered from 0."""

import os
import sys

import django
from django.core.management import call_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.tutorial.settings")
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)

    from bench.tutorial.models import Room

    Room.objects.bulk_create(Room(number=number) for number in range(int(sys.argv[1])))
