import os
import random
import shutil

import pytest

from tests.faults.crowd import Crowd
from tests.faults.proxy import Proxy
from tests.faults.site import Site
from tests.live import processes

LIFTED = ["-m", "tests.faults.serve"]


@pytest.fixture
def dice(request):
    """Chance that can be repeated: `bin/test --long` prints its seed."""
    return random.Random(f"{os.environ.get('FAULTS_SEED', '1')} {request.node.name}")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    processes.Server(folder).prepare()
    return folder


@pytest.fixture(scope="session")
def cluster(prepared):
    cluster = processes.start_postgresql()
    server = processes.Server(prepared, DATABASE_URL=cluster.url)
    processes.manage(server.environment, "migrate", "-v0")
    yield cluster
    cluster.stop()
    shutil.rmtree(cluster.folder)


@pytest.fixture
def redis(tmp_path):
    redis = processes.start_redis(processes.make_redis(tmp_path))
    yield redis
    redis.stop()


@pytest.fixture
def make_site(prepared, tmp_path, request):
    """Start a chat: one server on SQLite, or two on PostgreSQL and Redis."""
    started = []

    def make(kind="sqlite", arguments=LIFTED, **settings):
        shutil.copytree(prepared, tmp_path / "data")
        parts = {}
        if kind == "postgresql":
            parts = {name: request.getfixturevalue(name) for name in PARTS}
            settings |= {PARTS[name]: part.url for name, part in parts.items()}

        def make_server():
            server = processes.Server(
                tmp_path / "data", command=lambda _port: arguments, **settings
            )
            started.append(server)
            return server.start()

        return Site(make_server, count=2 if parts else 1, **parts)

    yield make
    for server in started:
        server.stop()


PARTS = {"cluster": "DATABASE_URL", "redis": "REDIS_URL"}


@pytest.fixture
async def make_crowd(make_site, dice):
    """Make a chat with nobody in it yet."""
    crowds = []

    async def make(kind="sqlite", **options):
        crowds.append(Crowd(make_site(kind, **options), dice))
        return crowds[-1]

    yield make
    for crowd in crowds:
        await crowd.leave()
        await crowd.site.all_up()


@pytest.fixture
async def make_lines():
    """Make lines to a site's first server that can fail one by one."""
    made = []

    async def make(site, count):
        lines = [await Proxy(site.servers[0].port).start() for _ in range(count)]
        made.extend(lines)
        return lines

    yield make
    for line in made:
        await line.stop()
