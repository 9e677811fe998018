"""Daphne mended: what `chatsite.server` runs.

Stock Daphne parses form bodies in memory, hands a whole body to the application, and
buffers without limit what a slow reader does not take; it ends without a word to open
sockets. Here memory is bounded, a stop is told (close code 1012), and sockets offer the
ASGI extension `websocket.prebuilt`. The application does not depend on any of this:
plain Daphne and other ASGI servers run it as well. Written against Daphne 4.2 and the
Twisted and autobahn it brings.
"""

from chatsite.daphne.moving import adopt
from chatsite.daphne.server import MendedServer

__all__ = ["MendedServer", "adopt"]
