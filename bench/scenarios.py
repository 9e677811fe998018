"""What is measured: rooms of some size, and what happens in them. Numbers only."""

from dataclasses import dataclass, replace

MESSAGE_BYTES = 100
IN_FLIGHT = 64  # messages on their way at once, in one room
PER_SECOND = 2  # messages, where they are not sent as fast as possible


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

    def limited(self, most):
        """The same with at most so many senders in a room."""
        return replace(self, senders=min(self.senders, most))


@dataclass(frozen=True)
class Shape:
    """Rooms, members in each, and the measurements made there."""

    name: str
    rooms: int
    members: int
    saturate: Command
    pace: Command | None = None
    repeats: int = 1  # with the same connections, which are expensive to make

    @property
    def connections(self):
        return self.rooms * self.members

    def commands(self):
        return [c for c in (self.pace, self.saturate) if c] * self.repeats


def saturate(senders, seconds):
    return Command("saturate", senders, 1, 1.0, seconds)


def pace(seconds):
    return Command("pace", IN_FLIGHT, PER_SECOND, 0.5, seconds)


ONE_X_100 = Shape("1 × 100", 1, 100, saturate(IN_FLIGHT, 3), pace(3))
ONE_X_1000 = Shape("1 × 1,000", 1, 1000, saturate(IN_FLIGHT, 3), pace(6))
ONE_X_5000 = Shape("1 × 5,000", 1, 5000, saturate(IN_FLIGHT, 3), pace(3), 5)
HUNDRED_X_10 = Shape("100 × 10", 100, 10, saturate(1, 3), pace(3))
POSTS = Shape("posts", 64, 1, saturate(1, 3))  # everyone alone in a room
SHAPES = [ONE_X_5000, ONE_X_100, ONE_X_1000, HUNDRED_X_10, POSTS]


def quick(shape):
    """The same with less time."""
    return replace(
        shape,
        saturate=replace(shape.saturate, seconds=1.5, warm=0.5),
        pace=replace(shape.pace, seconds=2.5) if shape == ONE_X_1000 else None,
    )


QUICK_SHAPES = [quick(shape) for shape in SHAPES if shape != ONE_X_5000]
