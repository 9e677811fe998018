"""After a backup was restored: browsers with another history load it again."""

from django.core.management import BaseCommand

from rooms.models import Room
from rooms.models.room import make_epoch


class Command(BaseCommand):
    help = "Give every room a new epoch. Run it after restoring a backup."

    def handle(self, **options):
        rooms = list(Room.objects.only("pk"))
        for room in rooms:
            room.epoch = make_epoch()
        Room.objects.bulk_update(rooms, ["epoch"], batch_size=500)
        self.stdout.write(f"{len(rooms)} rooms have a new epoch.")
