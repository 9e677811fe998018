from types import SimpleNamespace

import pytest

from tests.live import processes
from tests.live.nginx import Nginx
from tests.live.person import Person


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A data folder that is ready: copied instead of made for each server."""
    folder = tmp_path_factory.mktemp("prepared")
    processes.Server(folder).prepare()
    return folder


@pytest.fixture
def make_server(prepared, tmp_path):
    """Start servers on one fresh data folder, with the settings given."""
    processes.shutil.copytree(prepared, tmp_path / "data")
    servers = []

    def make(**options):
        server = processes.Server(tmp_path / "data", **options)
        servers.append(server)
        return server.start()

    yield make
    for server in servers:
        server.stop()


@pytest.fixture
def server(make_server):
    return make_server()


@pytest.fixture
def people(server):
    """Alice and Bob in one room, Charlie in another."""
    return SimpleNamespace(
        alice=Person(server.url, "Alice").join("1001"),
        bob=Person(server.url, "Bob").join("1001"),
        charlie=Person(server.url, "Charlie").join("2002"),
    )


@pytest.fixture(scope="session")
def postgresql():
    database = processes.start_postgresql()
    yield database
    database.stop()
    processes.shutil.rmtree(database.folder)


@pytest.fixture
def redis(tmp_path):
    redis = processes.start_redis(processes.make_redis(tmp_path))
    yield redis
    redis.stop()


@pytest.fixture
def pair(make_server, postgresql, redis):
    """Two servers, one PostgreSQL, one Redis: one chat."""
    settings = {"DATABASE_URL": postgresql.url, "REDIS_URL": redis.url}
    first, second = two_servers(make_server, settings)
    return SimpleNamespace(first=first, second=second, redis=redis)


def two_servers(make_server, settings):
    """Start two servers on one empty database."""
    first = make_server(**settings)
    processes.manage(first.environment, "migrate", "-v0")
    processes.manage(first.environment, "flush", "--no-input")
    return first, make_server(**settings)


@pytest.fixture
def behind_nginx(make_server, postgresql, redis, tmp_path):
    """The same two servers behind nginx, as docker-compose.yml has them."""
    (tmp_path / "nginx").mkdir()
    nginx = Nginx(tmp_path / "nginx")
    settings = {"DATABASE_URL": postgresql.url, "REDIS_URL": redis.url}
    settings |= {"SITE_URL": nginx.url, "BEHIND_PROXY": "true"}
    settings |= {"ACCEL_REDIRECT_URL": "/protected/"}
    servers = two_servers(make_server, settings)
    try:
        nginx.start_before(servers)
        yield SimpleNamespace(nginx=nginx, servers=servers, data_dir=tmp_path / "data")
    finally:
        nginx.stop()
