import asyncio
import threading

import pytest

from rooms.live.writer import MOST_WAITING, TOGETHER, Busy, Writer


class Database:
    """Commits what it is given, when it is let, and remembers the groups."""

    def __init__(self):
        self.groups = []
        self.may_commit = threading.Event()

    def commit(self, drafts):
        self.may_commit.wait(5)
        self.groups.append(drafts)
        if "poison" in drafts:
            raise ValueError
        return [f"{draft} stored" for draft in drafts]


@pytest.fixture
async def database():
    return Database()


@pytest.fixture
async def writer(database):
    writer = Writer(database.commit)
    yield writer
    database.may_commit.set()
    await writer.finish()
    writer.stop()


async def write_all(writer, drafts):
    tasks = [asyncio.create_task(writer.write(draft)) for draft in drafts]
    await asyncio.sleep(0)
    return tasks


async def test_what_comes_during_a_commit_is_committed_together(writer, database):
    first = await write_all(writer, ["alice"])
    await asyncio.sleep(0.01)
    rest = await write_all(writer, ["bob", "charlie"])

    database.may_commit.set()
    answers = await asyncio.gather(*first, *rest)

    assert database.groups == [["alice"], ["bob", "charlie"]]
    assert answers == ["alice stored", "bob stored", "charlie stored"]


async def test_a_group_has_an_end(writer, database):
    tasks = await write_all(writer, [str(number) for number in range(TOGETHER + 2)])

    database.may_commit.set()
    await asyncio.gather(*tasks)

    assert [len(group) for group in database.groups] == [TOGETHER, 2]


async def test_a_poisoned_draft_fails_alone(writer, database):
    database.may_commit.set()
    tasks = await write_all(writer, ["alice", "poison", "bob"])

    answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert [answers[0], answers[2]] == ["alice stored", "bob stored"]
    assert isinstance(answers[1], ValueError)


async def test_a_full_queue_says_busy_and_keeps_what_it_has(writer, database):
    tasks = await write_all(writer, ["draft"] * MOST_WAITING)

    with pytest.raises(Busy):
        await writer.write("one too many")

    database.may_commit.set()
    assert set(await asyncio.gather(*tasks)) == {"draft stored"}


async def test_who_went_away_does_not_stop_the_others(writer, database):
    gone, waiting = await write_all(writer, ["gone", "bob"])
    gone.cancel()

    database.may_commit.set()

    assert await waiting == "bob stored"


async def test_finish_waits_for_the_last_answer(writer, database):
    (task,) = await write_all(writer, ["alice"])
    database.may_commit.set()

    await writer.finish()

    assert await task == "alice stored"
