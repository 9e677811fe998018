import pytest
from django.test import Client

from rooms.limits import SIGN_INS_PER_ACCOUNT, SIGN_INS_PER_ADDRESS
from tests.pages import text_of

PAGE = "/admin/login/"
PER_ACCOUNT = int(SIGN_INS_PER_ACCOUNT.partition("/")[0])
PER_ADDRESS = int(SIGN_INS_PER_ADDRESS.partition("/")[0])


@pytest.fixture
def owner(admin_user):
    admin_user.set_password("the right one")
    admin_user.save()
    return admin_user


def sign_in(account, password="wrong", address="192.0.2.1"):
    values = {"username": account, "password": password}
    return Client().post(PAGE, values, REMOTE_ADDR=address)


def test_the_right_password_signs_in(owner):
    assert sign_in(owner.username, "the right one").status_code == 302


@pytest.mark.parametrize("account", ["admin", "nobody"])
def test_an_account_takes_so_many_attempts_from_wherever(owner, account):
    for number in range(PER_ACCOUNT):
        assert sign_in(account, address=f"192.0.2.{number}").status_code == 200

    refused = sign_in(account.upper(), "the right one", address="192.0.2.99")

    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 3600
    assert "Too many attempts" in text_of(refused)
    assert sign_in("somebody else", address="192.0.2.99").status_code == 200


def test_an_address_takes_so_many_attempts_at_any_account(owner):
    for number in range(PER_ADDRESS):
        assert sign_in(f"account{number}").status_code == 200

    assert sign_in(owner.username, "the right one").status_code == 429
    signed_in = sign_in(owner.username, "the right one", address="192.0.2.2")
    assert signed_in.status_code == 302


def test_who_is_signed_in_stays_so(owner, owner_client):
    for number in range(PER_ACCOUNT + 1):
        sign_in(owner.username, address=f"192.0.2.{number}")

    assert owner_client.get("/admin/").status_code == 200


def test_looking_at_the_page_is_not_counted(owner):
    for _ in range(PER_ADDRESS + 1):
        assert Client().get(PAGE).status_code == 200
