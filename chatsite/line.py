"""What leads from one process to another: connections, and what is to be announced."""

import array
import asyncio
import contextlib
import pickle
import socket

SAID_BYTES = 128 * 1024  # pickled; the kernel's own limit is not much more
CONNECTION = b"+"  # what goes with a descriptor
DESCRIPTOR_BYTES = array.array("i").itemsize


class Line:
    """One end of a line between two processes of ours.

    Here each connection that comes is given to `adopt(descriptor)`, what is said to
    `hear(*said)`, and `ended()` is called when there is nobody at the other end.
    """

    def __init__(self, end, *, adopt, ended, hear=None):
        self._end, self._adopt, self._hear, self._ended = end, adopt, hear, ended
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(end, self._read)

    def take(self, connection):
        """Hand a connected socket on; return whether that was possible."""
        descriptors = array.array("i", [connection.fileno()])
        with_it = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
        try:  # not socket.send_fds(), which forgets the flags
            self._end.sendmsg([CONNECTION], with_it, socket.MSG_DONTWAIT)
        except OSError:  # nobody is there, or nobody takes them
            return False
        return True

    def say(self, *said):
        """From any thread. What is too long, or said to nobody, is lost."""
        if len(data := pickle.dumps(said)) < SAID_BYTES:
            with contextlib.suppress(OSError):
                self._end.sendall(data)

    def hang_up(self):
        """Send nothing more; what comes is still taken until the other end hangs up."""
        with contextlib.suppress(OSError):
            self._end.shutdown(socket.SHUT_WR)

    def close(self):
        self._end.close()

    def _read(self):
        while self._read_next():  # all: of an error the event loop may tell but once
            pass

    def _read_next(self):
        """Take what comes next; return whether there may be more."""
        room = socket.CMSG_SPACE(DESCRIPTOR_BYTES)
        flags = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
        try:
            data, with_it, _flags, _sender = self._end.recvmsg(SAID_BYTES, room, flags)
        except BlockingIOError:
            return False
        except ConnectionResetError:  # told before what was still said
            return True
        if not data:
            self._loop.remove_reader(self._end)
            self._ended()
            return False
        if data == CONNECTION:
            for _level, _kind, descriptors in with_it:  # none when there are too many
                self._adopt(*array.array("i", descriptors))
        else:
            self._hear(*pickle.loads(data))  # noqa: S301 - said by a process of ours
        return True


def pair():
    """Return the two ends of a line, as sockets."""
    return socket.socketpair(type=socket.SOCK_SEQPACKET)
