"""How often: rates counted by the `limits` library, in Redis when there is one."""

import hashlib
import logging
import time

from django.conf import settings
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from rooms.exceptions import TooFast
from rooms.limits import (
    JOINS_PER_ADDRESS,
    JOINS_PER_BROWSER,
    POSTS_PER_MEMBER,
    SIGN_INS_PER_ACCOUNT,
    SIGN_INS_PER_ADDRESS,
)

logger = logging.getLogger(__name__)

local = FixedWindowRateLimiter(storage_from_string("memory://"))
shared = (
    FixedWindowRateLimiter(
        storage_from_string(settings.REDIS_URL, socket_timeout=1, wrap_exceptions=True)
    )
    if settings.REDIS_URL
    else local
)


def count_join(browser, address, number):
    """Count one more different number tried; raise TooFast when there were too many.

    Trying a number again within its window is free, so those inside never notice, and
    neither does a school behind one address whose people all join one room.
    """
    digest = _digest(number)
    for rate, who in ((JOINS_PER_BROWSER, browser), (JOINS_PER_ADDRESS, address)):
        item = parse(rate)
        seen = type(item)(1, item.multiples, namespace="SEEN")
        if _hit(seen, "number", str(who), digest):
            _count(item, "join", str(who))


def count_sign_in(account, address):
    """Count one more attempt to sign in; raise TooFast when there were too many.

    It makes no difference whether there is such an account.
    """
    _count(parse(SIGN_INS_PER_ADDRESS), "sign-in", str(address))
    _count(parse(SIGN_INS_PER_ACCOUNT), "sign-in", _digest(account.casefold()))


def count_post(membership_id):
    """Count one post by form; raise TooFast when there were too many."""
    _count(parse(POSTS_PER_MEMBER), "post", str(membership_id))


def _digest(secret):
    """What the store knows of a secret."""
    key = settings.SECRET_KEY.encode()[:64]
    return hashlib.blake2b(secret.encode(), key=key, digest_size=16).hexdigest()


def _count(item, *key):
    if not _hit(item, *key):
        raise TooFast(retry_after=_seconds_left(item, *key))


def _hit(item, *key):
    try:
        return shared.hit(item, *key)
    except Exception as error:
        if shared is local:
            raise
        logger.warning("throttle: Redis fails (%r); counting locally", error)
        return local.hit(item, *key)


def _seconds_left(item, *key):
    for limiter in (shared, local):
        try:
            left = limiter.get_window_stats(item, *key).reset_time - time.time()
            return max(1, round(left))
        except Exception as error:
            logger.debug("throttle: no window: %r", error)
    return item.get_expiry()
