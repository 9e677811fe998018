"""The machine: which core runs what, and what processes used of it."""

import contextlib
import os
import platform
import resource
from pathlib import Path

SERVER_CORE = 0  # the server measured, and its Redis and PostgreSQL
LOAD_CORE = 1  # the load generator, and this program
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PARENT, USER_TICKS, TICKS_END = 1, 11, 15  # in /proc/<pid>/stat after the name
IDLE_TICKS, BUSY_END = slice(3, 5), 8  # in /proc/stat after the core's name
KIB = 1024


def is_enough():
    """Whether there is a core for the server and another for the load."""
    return {SERVER_CORE, LOAD_CORE} <= os.sched_getaffinity(0)


def take_load_core():
    os.sched_setaffinity(0, {LOAD_CORE})


@contextlib.contextmanager
def on_server_core():
    """Whatever is started inside runs on the server's core only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {SERVER_CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def allow_open_files():
    """Raise the limit as far as it goes; return it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def cpu_seconds(pids):
    """CPU time that processes and their descendants used since they started."""
    stats = _stats()
    family = _family(stats, pids)
    ticks = (sum(map(int, stats[pid][USER_TICKS:TICKS_END])) for pid in family)
    return sum(ticks) / TICKS_PER_SECOND


def busy_seconds():
    """Time that the two cores worked, for whomever, since the machine started."""
    ticks = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *numbers = line.split()
        if name in {f"cpu{SERVER_CORE}", f"cpu{LOAD_CORE}"}:
            ticks += sum(map(int, numbers[:BUSY_END]))
            ticks -= sum(map(int, numbers[IDLE_TICKS]))
    return ticks / TICKS_PER_SECOND


def memory_bytes(pids):
    """Resident memory of processes and their descendants."""
    return sum(_status_bytes(pid, "VmRSS") for pid in _family(_stats(), pids))


def forget_peaks(pids):
    """Have peaks of memory begin now (proc(5), clear_refs)."""
    for pid in _family(_stats(), pids):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_bytes(pids):
    """The most that processes and their descendants had in memory, each at its time."""
    return sum(_status_bytes(pid, "VmHWM") for pid in _family(_stats(), pids))


def description():
    """What this was measured on, as {name: value}."""
    cpu = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
    return {
        "processor": cpu,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _stats():
    """{pid: fields of its stat after the name} of every process."""
    stats = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            stats[int(path.parent.name)] = fields
    return stats


def _family(stats, pids):
    family = {pid for pid in pids if pid in stats}
    size = 0
    while size != len(family):
        size = len(family)
        family |= {pid for pid, s in stats.items() if int(s[PARENT]) in family}
    return family


def _status_bytes(pid, name):
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * KIB
    return 0
