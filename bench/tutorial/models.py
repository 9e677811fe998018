"""What a stored message needs at least: an order in its room, and to be stored once."""

from django.db import models, transaction


class Room(models.Model):
    number = models.PositiveIntegerField(unique=True)
    last_position = models.PositiveBigIntegerField(default=0)

    def __str__(self):
        return str(self.number)


class Message(models.Model):
    room = models.ForeignKey(Room, on_delete=models.CASCADE)
    position = models.PositiveBigIntegerField()
    client_id = models.UUIDField(unique=True)
    body = models.TextField()
    posted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "position"], name="one_position")
        ]

    def __str__(self):
        return self.body


@transaction.atomic
def store_message(number, client_id, body):
    """One ORM transaction per message: take a position, write the row."""
    Room.objects.filter(number=number).update(
        last_position=models.F("last_position") + 1
    )
    room = Room.objects.get(number=number)
    return Message.objects.create(
        room=room, position=room.last_position, client_id=client_id, body=body
    )
