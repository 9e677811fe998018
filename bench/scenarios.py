"""What is measured: rooms of some size, and what happens in them. Numbers only."""

from dataclasses import dataclass, replace

MESSAGE_BYTES = 100
IN_FLIGHT = 64  # messages on their way at once, in one room


@dataclass(frozen=True)
class Command:
    """One measurement, as the load generator reads it."""

    verb: str  # saturate | pace
    senders: int  # in each room
    rate: float  # saturate: in flight for each sender; pace: messages a second
    warm: float  # seconds before measuring
    seconds: float

    def line(self):
        return (
            f"{self.verb} {self.senders} {self.rate} {self.warm} {self.seconds}"
            f" {MESSAGE_BYTES}"
        )


@dataclass(frozen=True)
class Shape:
    """Rooms, members in each, and the measurements made there."""

    name: str
    rooms: int
    members: int
    saturate: Command | None = None
    pace: Command | None = None
    measures_memory: bool = False

    @property
    def connections(self):
        return self.rooms * self.members

    def commands(self):
        return [command for command in (self.pace, self.saturate) if command]


def saturate(senders, seconds, warm=1.0, in_flight=1):
    return Command("saturate", senders, in_flight, warm, seconds)


def pace(seconds, warm=0.5):
    return Command("pace", IN_FLIGHT, 2, warm, seconds)


SHAPES = [
    Shape("1 × 100", 1, 100, saturate(IN_FLIGHT, 3), pace(4)),
    Shape("1 × 1,000", 1, 1000, saturate(IN_FLIGHT, 4), pace(10)),
    Shape("1 × 5,000", 1, 5000, saturate(IN_FLIGHT, 5, 2), pace(4), True),
    Shape("100 × 10", 100, 10, saturate(1, 3)),
]
POSTS = Shape("posts", 64, 1, saturate(1, 3))  # each alone in a room


def quick(shape):
    """The same with less time."""
    return replace(
        shape,
        saturate=replace(shape.saturate, seconds=1.5, warm=0.5),
        pace=shape.pace and replace(shape.pace, seconds=3),
        measures_memory=shape.name == "1 × 1,000",
    )


QUICK_SHAPES = [quick(shape) for shape in SHAPES if shape.connections <= 1000]
