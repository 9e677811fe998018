import logging

import pytest
from django.utils import translation
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from rooms import throttle
from rooms.exceptions import TooFast
from rooms.limits import JOINS_PER_ADDRESS, JOINS_PER_BROWSER, POSTS_PER_MEMBER

ALICE, BOB, CHARLIE = "browser-a", "browser-b", "browser-c"
HOME, SCHOOL = "192.0.2.1", "192.0.2.2"
PER_BROWSER = parse(JOINS_PER_BROWSER).amount
PER_ADDRESS = parse(JOINS_PER_ADDRESS).amount


def test_different_numbers_count():
    for number in range(PER_BROWSER):
        throttle.count_join(ALICE, HOME, f"{number}")

    with pytest.raises(TooFast) as refused:
        throttle.count_join(ALICE, HOME, "one more")

    assert 1 <= refused.value.retry_after <= 60


def test_the_same_number_counts_once():
    for _ in range(PER_BROWSER * 3):
        throttle.count_join(ALICE, HOME, "1001")

    for number in range(PER_BROWSER - 1):
        throttle.count_join(ALICE, HOME, f"{number}")
    with pytest.raises(TooFast):
        throttle.count_join(ALICE, HOME, "one more")


def test_browsers_count_on_their_own():
    for number in range(PER_BROWSER):
        throttle.count_join(ALICE, HOME, f"{number}")

    throttle.count_join(BOB, HOME, "one more")


def test_an_address_counts_all_its_browsers():
    for number in range(PER_ADDRESS):
        throttle.count_join(f"browser-{number}", SCHOOL, f"{number}")

    with pytest.raises(TooFast):
        throttle.count_join(CHARLIE, SCHOOL, "one more")
    throttle.count_join(CHARLIE, HOME, "one more")


def test_a_school_that_joins_one_room_counts_once():
    for pupil in range(PER_ADDRESS * 2):
        throttle.count_join(f"browser-{pupil}", SCHOOL, "1001")


def test_posts_of_a_member_count():
    for _ in range(parse(POSTS_PER_MEMBER).amount):
        throttle.count_post(1)

    with pytest.raises(TooFast):
        throttle.count_post(1)
    throttle.count_post(2)


def test_the_store_does_not_know_the_number():
    throttle.count_join(ALICE, HOME, "730519264407")

    assert str(vars(throttle.local.storage)).count("730519264407") == 0


class BrokenStorage(MemoryStorage):
    def incr(self, *arguments, **options):
        raise ConnectionError("redis is down")

    get_expiry = get = incr


@pytest.fixture
def broken_redis(monkeypatch):
    shared = FixedWindowRateLimiter(BrokenStorage())
    monkeypatch.setattr(throttle, "shared", shared)


def test_without_redis_it_counts_locally(broken_redis, caplog):
    with caplog.at_level(logging.WARNING):
        for number in range(PER_BROWSER):
            throttle.count_join(ALICE, HOME, f"{number}")
        with pytest.raises(TooFast) as refused:
            throttle.count_join(ALICE, HOME, "730519264407")

    assert 1 <= refused.value.retry_after <= 60
    assert caplog.text.count("redis is down") > 0
    assert caplog.text.count("730519264407") == 0


@pytest.mark.parametrize(
    ("seconds", "english", "indonesian"),
    [
        (1, "That was too fast. Try again in 1 second.", "1 detik."),
        (90, "That was too fast. Try again in 90 seconds.", "90 detik."),
        (91, "That was too often. Try again in 2 minutes.", "2 menit."),
        (3578, "That was too often. Try again in 60 minutes.", "60 menit."),
    ],
)
def test_a_long_wait_is_told_in_minutes(seconds, english, indonesian):
    refusal = TooFast(retry_after=seconds)

    assert refusal.sentence == english
    with translation.override("id"):
        assert refusal.sentence.endswith(indonesian)
    assert refusal.retry_after == seconds
