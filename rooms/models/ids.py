"""Random public ids: what stands in addresses instead of row numbers."""

import secrets


def make_public_id():
    """Return 16 random bytes as 22 URL-safe characters."""
    return secrets.token_urlsafe(16)
