"""send(2) that keeps Python's interpreter lock.

`socket.send` lets the lock go for the call. While another thread computes, as the
writer does, it waits for the lock again after every single send, and a fan-out to a
thousand sockets waits a thousand times. A send that does not block is shorter than one
such wait. Measured: a fifth more messages with 100 rooms of 10.

Sends that follow each other closely are faster, too: the reader's side does not fall
asleep between them. One message reached the last of 1,000 in 11.4 ms instead of 12.3.
"""

import ctypes
from socket import MSG_DONTWAIT, MSG_NOSIGNAL

_send = ctypes.PyDLL(None).send  # PyDLL: the lock is kept
_send.restype = ctypes.c_ssize_t  # no argtypes: they would double what a call adds
FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL


def send_to_all(descriptors, data):
    """Send bytes (less than 2 GiB) to sockets, one after the other.

    Returns, for each, how many bytes the kernel took; less than 0 also when the
    connection is broken: whoever tries to send the rest another way is told.
    """
    send, size, flags = _send, len(data), FLAGS
    return [send(descriptor, data, size, flags) for descriptor in descriptors]
