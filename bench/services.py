"""What the servers compared share: programs, folders, one Redis, one PostgreSQL."""

import os
import pwd
import shutil
import subprocess
import sys

from bench import machine
from tests.live.processes import (
    POSTGRES_BIN,
    PROJECT,
    clean_environment,
    make_redis,
    start_postgresql,
    start_redis,
)

PREPARE_SECONDS = 300
NODE_MODULES = "node/node_modules/socket.io"
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


class Services:
    """Started when first asked for, on the server's core; ended together."""

    def __init__(self, tools, folder):
        self.tools, self.folder = tools, folder
        self._redis = self._postgresql = None
        self._count = 0

    @property
    def redis(self):
        if self._redis is None:
            with machine.on_server_core():
                self._redis = start_redis(make_redis(self.new_folder("redis")))
        return self._redis

    @property
    def postgresql(self):
        if self._postgresql is None:
            with machine.on_server_core():
                self._postgresql = start_postgresql()
        return self._postgresql

    def lacks(self, program):
        """Whether a program that a server needs is not on this machine."""
        if program == POSTGRESQL:
            return not (POSTGRES_BIN and shutil.which("psql") and may_run_postgresql())
        if program == "node":
            return not (shutil.which("node") and (self.tools / NODE_MODULES).is_dir())
        return shutil.which(program) is None

    def new_folder(self, name):
        self._count += 1
        folder = self.folder / f"{self._count}-{name}"
        folder.mkdir()
        return folder

    def new_database(self, stores):
        """Make an empty database; return its address as DATABASE_URL has it."""
        if stores == SQLITE:
            return f"sqlite:///{self.new_folder('database') / 'bench.sqlite3'}"
        self._count += 1
        name = f"bench{self._count}"
        subprocess.run(
            ["psql", "-q", self.postgresql.url, "-c", f"CREATE DATABASE {name}"],
            check=True,
            timeout=PREPARE_SECONDS,
        )
        return self.postgresql.url.removesuffix("postgres") + name

    def stop(self):
        for process in (self._redis, self._postgresql):
            if process:
                process.stop()
        if self._postgresql:
            shutil.rmtree(self._postgresql.folder, ignore_errors=True)


def may_run_postgresql():
    """It refuses to run as root, and is run as Debian's own user then."""
    users = {user.pw_name for user in pwd.getpwall()}
    return os.geteuid() != 0 or "postgres" in users


def run_python(settings, *arguments):
    """Run a program of this project to its end; return what it wrote."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=clean_environment(**settings),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=PREPARE_SECONDS,
    )
    return done.stdout
