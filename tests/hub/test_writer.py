import asyncio
import threading

import pytest

from rooms.live import writer as writer_module
from rooms.live.writer import Busy, Writer


class Database:
    """Commits when it is let; answers `draft` with `draft!`."""

    def __init__(self):
        self.commits = []
        self.may_commit = threading.Event()
        self.may_commit.set()

    def commit(self, drafts):
        self.may_commit.wait(5)
        self.commits.append(list(drafts))
        if "poison" in drafts:
            raise ValueError("poison")
        if "away" in drafts:
            raise Busy
        return [f"{draft}!" for draft in drafts]


@pytest.fixture
def database():
    return Database()


@pytest.fixture
async def writer(database):
    made = Writer(database.commit)
    yield made
    database.may_commit.set()
    await made.finish()
    made.stop()


async def write_all(writer, drafts):
    """Hand in the drafts in order; return their answers, or what was raised."""
    writing = [asyncio.create_task(writer.write(draft)) for draft in drafts]
    await asyncio.sleep(0)
    return asyncio.gather(*writing, return_exceptions=True)


async def test_a_draft_is_answered(writer, database):
    assert await writer.write("alice") == "alice!"
    assert database.commits == [["alice"]]


async def test_what_comes_meanwhile_is_committed_together(writer, database):
    database.may_commit.clear()
    answers = await write_all(writer, ["alice"])
    more = await write_all(writer, ["bob", "charlie", "dave"])

    database.may_commit.set()

    assert await answers == ["alice!"]
    assert await more == ["bob!", "charlie!", "dave!"]
    assert database.commits == [["alice"], ["bob", "charlie", "dave"]]


async def test_the_order_is_kept(writer, database):
    drafts = [f"{number}" for number in range(500)]

    answers = await (await write_all(writer, drafts))

    assert answers == [f"{draft}!" for draft in drafts]
    assert [draft for commit in database.commits for draft in commit] == drafts


async def test_a_commit_is_bounded(writer, database, monkeypatch):
    monkeypatch.setattr(writer_module, "TOGETHER", 10)

    await (await write_all(writer, [f"{number}" for number in range(95)]))

    assert max(len(commit) for commit in database.commits) == 10


async def test_poison_fails_alone(writer, database):
    answers = await (await write_all(writer, ["alice", "poison", "bob"]))

    assert [answers[0], answers[2]] == ["alice!", "bob!"]
    assert isinstance(answers[1], ValueError)
    assert await writer.write("charlie") == "charlie!"


async def test_too_much_at_once_is_refused(writer, database, monkeypatch):
    monkeypatch.setattr(writer_module, "MOST_WAITING", 5)
    database.may_commit.clear()
    answers = await write_all(writer, [f"{number}" for number in range(20)])

    with pytest.raises(Busy):
        await writer.write("late")
    database.may_commit.set()

    taken = [answer for answer in await answers if not isinstance(answer, Busy)]
    assert 5 <= len(taken) <= 10
    assert sum(len(commit) for commit in database.commits) == len(taken)


async def test_who_went_away_does_not_hold_up_the_others(writer, database):
    database.may_commit.clear()
    gone = asyncio.create_task(writer.write("gone"))
    await asyncio.sleep(0)
    answers = await write_all(writer, ["alice", "bob"])

    gone.cancel()
    database.may_commit.set()

    assert await answers == ["alice!", "bob!"]
    assert database.commits[0] == ["gone"]


async def test_finishing_waits_for_what_was_handed_in(writer, database):
    answers = await write_all(writer, ["alice", "bob"])

    await writer.finish()

    assert answers.done() or await answers == ["alice!", "bob!"]
    assert [draft for commit in database.commits for draft in commit] == [
        "alice",
        "bob",
    ]


async def test_a_database_that_is_away_is_nobodys_fault_and_asked_once(
    writer, database
):
    answers = await write_all(writer, ["away", "alice"])

    assert [type(answer) for answer in await answers] == [Busy, Busy]
    assert database.commits == [["away", "alice"]]


async def test_what_comes_within_a_moment_goes_together():
    commits = []
    writer = Writer(lambda drafts: commits.append(drafts) or drafts, seconds=0.1)

    await asyncio.gather(*[later(writer, number * 0.01) for number in range(5)])

    assert len(commits) == 1
    assert len(commits[0]) == 5
    writer.stop()


async def later(writer, seconds):
    await asyncio.sleep(seconds)
    assert await writer.write(seconds) == seconds


async def test_what_may_be_lost_is_lost_without_a_word():
    def commit(drafts):
        raise Busy

    writer = Writer(commit)

    await writer.write_gladly("receipt")

    writer.stop()
