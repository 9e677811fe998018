"""What the scenarios are run on, and at which size."""

import pytest

POSTGRESQL = pytest.param(
    "postgresql", marks=[pytest.mark.postgresql, pytest.mark.redis]
)
KINDS = ["sqlite", POSTGRESQL]


def sizes(*short, full):
    """Sizes for every day, and those of `bin/test --long`."""
    return [*short, *(pytest.param(size, marks=pytest.mark.long) for size in full)]
