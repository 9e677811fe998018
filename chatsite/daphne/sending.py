"""send(2) that keeps Python's interpreter lock.

`socket.send` lets the lock go for the call. While another thread computes, as the
writer does, it waits for the lock again after every single send, and a fan-out to a
thousand sockets waits a thousand times. A send that does not block is shorter than one
such wait. Measured: a fifth more messages with 100 rooms of 10.
"""

import ctypes
import errno
import os
from socket import MSG_DONTWAIT, MSG_NOSIGNAL

_send = ctypes.PyDLL(None, use_errno=True).send  # PyDLL: the lock is kept
_send.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
_send.restype = ctypes.c_ssize_t
FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL
LATER = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR, errno.ENOBUFS, errno.ENOMEM}


def send_now(descriptor, data):
    """Return how many bytes of `data` the kernel took, 0 when its buffer is full.

    Raises OSError when the connection is broken.
    """
    sent = _send(descriptor, data, len(data), FLAGS)
    if sent >= 0:
        return sent
    number = ctypes.get_errno()
    if number in LATER:
        return 0
    raise OSError(number, os.strerror(number))
