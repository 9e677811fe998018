"""Who is asking: the browser's id in the session, and its membership of a room."""

import uuid
from functools import wraps
from types import SimpleNamespace

from django.conf import settings
from django.contrib.auth import SESSION_KEY as AUTH_SESSION_KEY
from django.contrib.auth import get_user
from django.http import Http404
from django.shortcuts import redirect

from rooms.models import Membership

SESSION_KEY = "browser"


def browser_of(session):
    """Return the browser's UUID, or None for one that never joined a room."""
    value = session.get(SESSION_KEY)
    return uuid.UUID(value) if value else None


def lasting_browser_of(session):
    """The same; a session whose account was disabled or got another password ends."""
    if AUTH_SESSION_KEY in session and account_of(session).is_anonymous:
        session.flush()
    return browser_of(session)


def make_browser(session):
    """Return the browser's UUID, giving it one at the first time."""
    if SESSION_KEY not in session:
        session[SESSION_KEY] = str(uuid.uuid4())
    return browser_of(session)


def membership_of(session, public_id):
    """Return the browser's membership of the room, or raise Http404.

    A room that does not exist and one of others are answered the same.
    """
    mine = Membership.objects.of_browser(lasting_browser_of(session))
    membership = mine.select_related("room").filter(room__public_id=public_id).first()
    if membership is None:
        raise Http404
    return membership


def account_of(session):
    return get_user(SimpleNamespace(session=session))


def member_required(view):
    """Give the view the caller's membership instead of the room's id.

    Browsers that never joined anything go to the welcome page; others get a 404.
    """

    @wraps(view)
    def wrapped(request, public_id, **arguments):
        if browser_of(request.session) is None:
            return redirect("rooms:welcome")
        return view(request, membership_of(request.session, public_id), **arguments)

    return wrapped


def client_address(request):
    """Return the caller's address; a proxy's word counts when one is set."""
    if settings.BEHIND_PROXY:
        return request.headers.get("X-Real-IP") or request.META["REMOTE_ADDR"]
    return request.META.get("REMOTE_ADDR") or "unknown"
