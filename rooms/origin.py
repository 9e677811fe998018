"""Sockets are opened by pages of this site only: the answer to hijacking by others."""

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest


class SameOrigin:
    """Accepts exactly one Origin header, equal in scheme, host and port to SITE_URL;
    without SITE_URL, to the http address that was asked (whose host must be allowed).

    Stricter than AllowedHostsOriginValidator, which ignores scheme and port.
    """

    def __init__(self, application):
        self.application = application
        self.denier = WebsocketDenier.as_asgi()

    async def __call__(self, scope, receive, send):
        headers = scope.get("headers", [])
        origins = [value for name, value in headers if name == b"origin"]
        wanted = settings.SITE_ORIGIN or asked_origin(headers)
        allowed = bool(wanted) and origins == [wanted.encode()]
        await (self.application if allowed else self.denier)(scope, receive, send)


def asked_origin(headers):
    """Return the http origin of the Host header, or "" when that host is not ours."""
    request = HttpRequest()
    for name, value in headers:
        if name == b"host":
            request.META["HTTP_HOST"] = value.decode("latin1")
    try:
        return f"http://{request.get_host().lower()}"
    except (DisallowedHost, KeyError):
        return ""
