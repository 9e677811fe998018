"""How much one socket may ask for, and how many mistakes it may make."""

import time

from rooms.limits import STRIKE_SECONDS


class Bucket:
    """A token bucket: `size` at once, then `per_second`."""

    __slots__ = ("filled_at", "per_second", "size", "tokens")

    def __init__(self, size, per_second):
        self.size, self.per_second = size, per_second
        self.tokens, self.filled_at = float(size), time.monotonic()

    def take(self):
        """Take one and return 0, or return how many seconds to wait, rounded up."""
        now = time.monotonic()
        self.tokens += (now - self.filled_at) * self.per_second
        self.tokens, self.filled_at = min(self.tokens, float(self.size)), now
        if self.tokens < 1:
            return 1
        self.tokens -= 1
        return 0


class Strikes:
    """Counts mistakes; patience ends after `most` within STRIKE_SECONDS."""

    __slots__ = ("most", "times")

    def __init__(self, most):
        self.most, self.times = most, ()

    def is_out(self):
        """Count one more mistake; return whether that was one too many."""
        now = time.monotonic()
        recent = [t for t in self.times if now - t < STRIKE_SECONDS]
        self.times = [*recent, now]
        return len(self.times) > self.most
