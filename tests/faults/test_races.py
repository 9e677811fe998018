"""Two things at the same moment, at two servers: one wins, and nothing breaks."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.faults.kinds import sizes
from tests.faults.ledger import CLEAN
from tests.faults.staff import Staff
from tests.live.person import TOKEN

pytestmark = [pytest.mark.live, pytest.mark.postgresql, pytest.mark.redis]
TIMES = sizes(30, full=[1000])
NOT_A_MEMBER = 4403


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


@pytest.mark.parametrize("times", TIMES)
async def test_who_is_removed_while_writing_hears_and_says_nothing_more(
    make_crowd, times
):
    crowd = await make_crowd("postgresql")
    rooms = 10
    made = await asyncio.to_thread(crowd.site.make_members, rooms, times // rooms + 1)
    staff = await asyncio.to_thread(Staff, crowd.site)
    by_room = [made[i :: len(made) // rooms] for i in range(len(made) // rooms)]
    await crowd.enter(by_room[0])

    async def write_until_removed(member):
        (browser,) = await crowd.enter([member], crowd.site.urls[1:])
        for _ in range(10):
            browser.write("As long as I may")
        await asyncio.sleep(crowd.dice.random() / 20)
        change = await asyncio.to_thread(staff.remove, member)
        crowd.ledger.revoke(browser.name, change)
        await crowd.until(lambda: browser.line.is_ended)
        return browser.line.closes[-1][1]

    for members in by_room[1:]:
        codes = await asyncio.gather(*map(write_until_removed, members))
        assert codes == [NOT_A_MEMBER] * rooms
    verdict, _took = await crowd.verdict()

    assert verdict == CLEAN
    assert crowd.site.ask(staff.SAID_AFTER_REMOVAL) == []
    assert "Traceback" not in crowd.site.logs
