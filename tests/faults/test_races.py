"""Two things at the same moment, at two servers: one wins, and nothing breaks."""

import asyncio
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import requests

from tests.faults.browser import Browser
from tests.faults.delivery import Delivery
from tests.faults.kinds import sizes
from tests.faults.ledger import CLEAN
from tests.faults.staff import SAID_AFTER_THE_END, Staff, ended_at, leave
from tests.live import processes
from tests.live.person import TOKEN

pytestmark = [pytest.mark.live, pytest.mark.postgresql, pytest.mark.redis]
TIMES = sizes(30, full=[1000])
GONE = {4403, 4404}  # the second to who comes back
RACES = ["tests/actions/test_races.py", "tests/actions/test_quota_races.py"]


@pytest.mark.parametrize("times", TIMES)
async def test_one_message_sent_twice_at_once_is_one(make_crowd, times):
    crowd = await make_crowd("postgresql")
    made = await asyncio.to_thread(crowd.site.make_members, 1, 10)
    tabs = [await crowd.enter(made, [url]) for url in crowd.site.urls]

    async def write_twice(first, second):
        for _ in range(times // len(made)):
            client_id = first.write("Once")
            second.delivery.add(client_id, "Once")
            both = [first.delivery, second.delivery]
            await crowd.until(lambda both=both: not any(tab.outbox for tab in both))

    await asyncio.gather(*(write_twice(*pair) for pair in zip(*tabs, strict=True)))
    verdict, _took = await crowd.verdict()

    assert verdict == CLEAN
    assert crowd.ledger.refused == {}
    assert len(crowd.ledger.written) == times
    assert "Traceback" not in crowd.site.logs


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("names", [("Alice", "Bob"), ("Alice", "alice")], ids=str)
def test_two_who_make_one_room_make_one(make_site, dice, names, times):
    site = make_site("postgresql")
    doors = [Door(url) for url in site.urls]
    numbers = [str(dice.randrange(10**20, 10**21)) for _ in range(times)]

    statuses = []
    with ThreadPoolExecutor(2) as threads:
        for number in numbers:
            joins = [
                threads.submit(door.join, name, number)
                for door, name in zip(doors, names, strict=True)
            ]
            statuses.append(sorted(join.result() for join in joins))

    is_one_name = names[0].lower() == names[1].lower()
    assert statuses == [[302, 409] if is_one_name else [302, 302]] * times
    listed = ",".join(f"'{number}'" for number in numbers)
    assert set(site.ask(FACTS.format(listed))) == {(1, 1 if is_one_name else 2)}
    assert len(site.ask(FACTS.format(listed))) == times
    assert "Traceback" not in site.logs


FACTS = """
SELECT count(*) FILTER (WHERE membership.role = 'owner'), count(*)
FROM rooms_room AS room JOIN rooms_membership AS membership
ON membership.room_id = room.id WHERE room.number IN ({}) GROUP BY room.id
"""


class Door:
    """The welcome form of one server, for somebody new each time."""

    def __init__(self, url):
        self.url, self.http = url, requests.Session()
        self.token = TOKEN.search(self.http.get(url, timeout=30).text)[1]

    def join(self, name, number):
        fields = {"name": name, "number": number, "csrfmiddlewaretoken": self.token}
        answer = self.http.post(
            f"{self.url}/", data=fields, timeout=60, allow_redirects=False
        )
        self.http.cookies.pop("sessionid", None)
        return answer.status_code


class FilingBrowser(Browser):
    """One that announces a file with every second message."""

    def __init__(self, *arguments, ledger, **options):
        super().__init__(*arguments, ledger=ledger, **options)
        self.delivery = Delivery(self._send, ledger.refuse)

    def _send(self, frame):
        if uuid.UUID(frame["client_id"]).int % 2:
            frame |= {"files": [{"name": "a.bin", "size": 1}]}
        self.line.send(frame)


@pytest.mark.parametrize("times", TIMES)
async def test_who_goes_while_writing_hears_and_says_nothing_more(make_crowd, times):
    crowd = await make_crowd("postgresql")
    crowd.make_browser = FilingBrowser
    rooms = 10
    made = await asyncio.to_thread(crowd.site.make_members, rooms, times // rooms + 1)
    staff = await asyncio.to_thread(Staff, crowd.site)
    by_room = [made[i :: len(made) // rooms] for i in range(len(made) // rooms)]
    await crowd.enter(by_room[0])

    async def write_until_gone(member, end):
        (browser,) = await crowd.enter([member], crowd.site.urls[1:])
        for _ in range(10):
            browser.write("As long as I may")
        await asyncio.sleep(crowd.dice.random() / 20)
        await asyncio.to_thread(end, member)
        change = await asyncio.to_thread(ended_at, crowd.site, member)
        crowd.ledger.revoke(browser.name, change)
        await crowd.until(lambda: browser.line.is_ended)
        return browser.line.closes[-1][1]

    ends = [staff.remove, partial(leave, crowd.site)] * (rooms // 2)
    for members in by_room[1:]:
        codes = await asyncio.gather(*map(write_until_gone, members, ends))
        assert set(codes) <= GONE
    verdict, _took = await crowd.verdict()

    assert verdict == CLEAN
    assert crowd.site.ask(SAID_AFTER_THE_END) == []
    assert crowd.site.ask(UNFINISHED_OF_THE_GONE) == []
    assert "Traceback" not in crowd.site.logs


UNFINISHED_OF_THE_GONE = """
SELECT file.id FROM rooms_attachment AS file
JOIN rooms_message AS message ON message.id = file.message_id
JOIN rooms_membership AS author ON author.id = message.author_id
WHERE file.state = 'uploading' AND author.left_at IS NOT NULL
"""


@pytest.mark.parametrize("times", sizes(6, full=[100]))
async def test_a_room_deleted_while_everyone_writes_is_gone(make_crowd, times):
    crowd = await make_crowd("postgresql")
    crowd.make_browser = FilingBrowser
    made = await asyncio.to_thread(crowd.site.make_members, times, 4)
    staff = await asyncio.to_thread(Staff, crowd.site)

    for start in range(0, len(made), 4):
        members = made[start : start + 4]
        browsers = await crowd.enter(members)
        for browser in browsers * 10:
            browser.write("As long as there is a room")
        await asyncio.sleep(crowd.dice.random() / 20)
        await asyncio.to_thread(staff.delete_room, members[0].room)
        lines = [browser.line for browser in browsers]
        await crowd.until(lambda lines=lines: all(line.is_ended for line in lines))
        assert {line.closes[-1][1] for line in lines} <= GONE

    rooms = {room for (room,) in crowd.site.ask("SELECT public_id FROM rooms_room")}
    assert rooms & {member.room for member in made} == set()
    assert "Traceback" not in crowd.site.logs


def test_threads_race_on_postgresql_as_they_do_on_sqlite(cluster):
    environment = processes.clean_environment(TEST_DATABASE_URL=cluster.url)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *RACES],
        cwd=processes.PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout
