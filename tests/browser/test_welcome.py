import pytest

pytestmark = [pytest.mark.live, pytest.mark.browser]


def test_the_number_is_masked_and_can_be_looked_at(visit):
    page = visit()
    number = page.locator("#id_number")
    number.fill("4711")
    assert number.get_attribute("type") == "password"

    page.get_by_role("button", name="Show").click()

    assert number.get_attribute("type") == "text"
    assert number.input_value() == "4711"


def test_a_number_is_made_and_the_name_kept(visit):
    page = visit(locale="id-ID")
    page.get_by_label("Nama").fill("Budi")

    page.get_by_role("button", name="Buatkan nomor").click()

    assert len(page.get_by_label("Nomor Ruangan").input_value()) == 12
    assert page.get_by_label("Nama").input_value() == "Budi"
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.get_by_text("Room berhasil dibuat").wait_for()


def test_enter_in_the_name_joins(visit):
    page = visit()
    page.fill("#id_number", "5005")
    page.fill("#id_name", "Alice")

    page.press("#id_name", "Enter")
    page.wait_for_selector("chat-room")

    assert "5005" not in page.url
    assert "5005" not in page.title()


def test_a_taken_name_gets_a_suggestion_that_works(visit, join):
    join("Budi", number="6006")
    page = visit()
    page.fill("#id_name", "BUDI")
    page.fill("#id_number", "6006")
    page.click("[data-main]")

    page.get_by_role("button", name="Join as “BUDI 2”").click()
    page.wait_for_selector("chat-room")

    assert page.locator(".room-header__member bdi").inner_text() == "BUDI 2"


def test_the_language_switch_is_remembered(visit):
    page = visit(locale="en-GB")
    assert page.get_by_role("heading", level=1).inner_text() == "Join a room"

    page.get_by_role("button", name="Bahasa Indonesia").click()
    page.get_by_role("heading", name="Masuk ke ruangan").wait_for()
    page.reload()

    assert page.get_by_role("heading", level=1).inner_text() == "Masuk ke ruangan"
    assert page.locator("html").get_attribute("lang") == "id"


def test_my_rooms_are_listed_and_can_be_left(visit, join):
    page = join("Alice", number="7007")
    page.get_by_role("link", name="All rooms").click()
    room = page.get_by_role("link", name="Alice's room")
    assert room.is_visible()

    page.get_by_role("button", name="Leave Alice's room").click()

    room.wait_for(state="detached")
    assert page.get_by_role("heading", level=1).inner_text() == "Join a room"
