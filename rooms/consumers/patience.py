"""How much one socket may ask for, and how many mistakes it may make."""

import time
from collections import deque

from rooms.limits import STRIKE_SECONDS


class Bucket:
    """A token bucket: `size` at once, then `per_second`."""

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

    def __init__(self, most):
        self.times = deque(maxlen=most + 1)

    def is_out(self):
        self.times.append(time.monotonic())
        full = len(self.times) == self.times.maxlen
        return full and self.times[-1] - self.times[0] < STRIKE_SECONDS
