"""Real processes on free loopback ports, started and ended by process id."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[2]
START_SECONDS = 60  # a busy machine is no failure
POSTGRES_BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), None)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment(**settings):
    """The environment without what the tests' own settings put there."""
    ours = {"DATABASE_URL", "DATA_DIR", "DJANGO_SETTINGS_MODULE", "SITE_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {name: str(value) for name, value in settings.items()}


class Process:
    """One program of ours; `stop` and `kill` end it and nothing else."""

    def __init__(self, arguments, *, log, **options):
        self.log = log
        self.arguments, self.options = arguments, options
        self.popen = None

    def start(self):
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                self.arguments, stdout=log, stderr=log, **self.options
            )
        return self

    def signal(self, number):
        self.popen.send_signal(number)

    def stop(self):
        if self.popen and self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(15)


class Server(Process):
    """One server process of the site."""

    def __init__(self, data_dir, *, port=None, command=None, **settings):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        settings = {"DATA_DIR": data_dir, "PORT": self.port} | settings
        self.environment = clean_environment(**settings)
        arguments = command(self.port) if command else ["-m", "chatsite.server"]
        super().__init__(
            [sys.executable, *arguments],
            log=Path(data_dir) / f"server-{self.port}.log",
            cwd=PROJECT,
            env=self.environment,
        )

    def prepare(self):
        manage(self.environment, "prepare")
        return self

    def start(self):
        super().start()
        wait_until(lambda: answers(self.port) or self._has_died(), START_SECONDS)
        assert self.popen.poll() is None, self.log.read_text()
        return self

    def upload_pid(self):
        """Return the process id of the process that takes its uploads, or None."""
        for children in Path(f"/proc/{self.popen.pid}/task").glob("*/children"):
            for pid in children.read_text().split():
                command = Path(f"/proc/{pid}/cmdline")
                if command.exists() and b"upload_server" in command.read_bytes():
                    return int(pid)
        return None

    def _has_died(self):
        return self.popen.poll() is not None


def manage(environment, *arguments, **options):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


def make_redis(folder, port=None):
    port = port or free_port()
    arguments = ["redis-server", "--port", str(port), "--bind", "127.0.0.1"]
    arguments += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    redis = Process(arguments, log=Path(folder) / "redis.log")
    redis.port, redis.url = port, f"redis://127.0.0.1:{port}/0"
    return redis


def start_redis(redis):
    redis.start()
    wait_until(lambda: answers(redis.port), START_SECONDS)
    return redis


def as_postgres():
    """PostgreSQL refuses to run as root: Debian's own user does."""
    return {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}


def start_postgresql():
    """A private cluster without password on loopback; returns its Process.

    It lives in a folder of its own: pytest's are closed to other users.
    """
    folder = Path(tempfile.mkdtemp(prefix="chatsite-postgresql-"))
    if as_postgres():
        shutil.chown(folder, "postgres", "postgres")
    cluster, port = folder / "cluster", free_port()
    subprocess.run(
        [POSTGRES_BIN / "initdb", "-D", cluster, "-U", "chat", "--auth=trust", "-N"],
        check=True,
        capture_output=True,
        cwd="/",
        timeout=120,
        **as_postgres(),
    )
    arguments = [str(POSTGRES_BIN / "postgres"), "-D", str(cluster), "-p", str(port)]
    arguments += ["-c", "listen_addresses=127.0.0.1", "-k", str(folder)]
    log = folder / "postgresql.log"
    log.touch()
    postgresql = Process(arguments, log=log, cwd="/", **as_postgres()).start()
    wait_until(lambda: answers(port), START_SECONDS)
    time.sleep(0.5)
    postgresql.folder = folder
    postgresql.url = f"postgres://chat@127.0.0.1:{port}/postgres"
    return postgresql


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def wait_until(true, seconds, every=0.1):
    """Wait until `true()` is; fail when it is not within `seconds`."""
    end = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(every)
    return value
