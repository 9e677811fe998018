"""Which sessions still count: asked once in a while for all open sockets, and at once
when somebody logged out or an account changed."""

from importlib import import_module
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from rooms import live

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore
AT_ONCE = 500


class Login(NamedTuple):
    """A session as it was when a socket opened; guests have no account."""

    key: str
    account_id: str | None
    account_hash: str | None


def login_of(session):
    return Login(
        session.session_key, session.get(SESSION_KEY), session.get(HASH_SESSION_KEY)
    )


def ended_logins(logins):
    """Return those whose session is no more or whose account does not stand by it."""
    keys = [login.key for login in logins]
    alive = set()
    for start in range(0, len(keys), AT_ONCE):
        alive |= _alive(keys[start : start + AT_ONCE])
    accounts = _accounts({login.account_id for login in logins if login.account_id})
    return {
        login
        for login in logins
        if login.key not in alive
        or (login.account_id and accounts.get(login.account_id) != login.account_hash)
    }


def _alive(keys):
    rows = SessionStore.get_model_class().objects.filter(
        session_key__in=keys, expire_date__gt=timezone.now()
    )
    return set(rows.values_list("session_key", flat=True))


def _accounts(ids):
    """{id as sessions keep it: session hash} of accounts that may be used."""
    users = get_user_model().objects.filter(pk__in=ids, is_active=True) if ids else ()
    return {str(user.pk): user.get_session_auth_hash() for user in users}


def watch():
    """From now on tell open sockets when a session ends or an account changes."""
    session, user = SessionStore.get_model_class(), get_user_model()
    post_delete.connect(tell_sockets, session)
    post_delete.connect(tell_sockets, user)
    post_save.connect(tell_sockets, user)


def tell_sockets(update_fields=None, **about):
    if update_fields != {"last_login"}:
        transaction.on_commit(lambda: live.announce_changed_sessions(), robust=True)
