"""The servers compared: how each is started, entered and written to."""

import json
import sys

from redis import Redis

from bench import machine
from bench.load import join_line
from bench.scenarios import HUNDRED_X_10, ONE_X_100, ONE_X_1000, ONE_X_5000, POSTS
from bench.services import POSTGRESQL, SQLITE, run_python
from tests.live.processes import (
    PROJECT,
    START_SECONDS,
    Process,
    answers,
    clean_environment,
    free_port,
    wait_until,
)

TALK = {s.name for s in (ONE_X_100, ONE_X_1000, ONE_X_5000, HUNDRED_X_10)}
LIMIT, OTHER, OURS = "limit", "other", "ours"


class Peer:
    """One kind of server; `start` makes a fresh one."""

    name = ""
    kind = OTHER
    stores = ""
    shapes = TALK  # names of those it is measured in
    most_in_flight = 1000  # in one room; more would only lengthen its queue
    process_count = 1
    uses_redis = False
    needs = ()  # programs that this project does not bring along
    folder = PROJECT
    post = "$TEXT"  # the frame that posts a message, as load.c reads it
    rules = ()  # the generator's other rules

    def __init__(self, services):
        self.services = services
        self.processes = []
        self.helpers = []  # Redis, PostgreSQL

    def lacks(self):
        """Names of needed programs that are missing here."""
        return [name for name in self.needs if self.services.lacks(name)]

    def prepare(self, shapes):
        """Do what is done once; `shapes` is {key: shape} of all runs to come."""

    def start(self):
        folder = self.services.new_folder("server")
        self.ports = [free_port() for _number in range(self.process_count)]
        with machine.on_server_core():
            self.processes = [self._start_one(port, folder) for port in self.ports]
        for port in self.ports:
            wait_until(lambda port=port: answers(port), START_SECONDS)

    def _start_one(self, port, folder):
        environment = clean_environment(PORT=port, **self.settings())
        log = folder / f"{port}.log"
        process = Process(
            self.arguments(port), log=log, cwd=self.folder, env=environment
        )
        return process.start()

    def stop(self):
        for process in self.processes:
            process.kill()
        self.processes = []

    def last_words(self):
        """The last line that its processes logged."""
        lines = "".join(p.log.read_text() for p in self.processes).split("\n")
        return "".join(lines[-2:])

    def settings(self):
        return {}

    def pids(self):
        return [process.popen.pid for process in self.processes]

    def helper_pids(self):
        return [process.popen.pid for process in self.helpers]

    def redis_commands(self):
        """How many commands its Redis has run, as INFO commandstats counts them."""
        return count_commands(self.services.redis.url) if self.uses_redis else 0

    def plan(self, shape, key):
        """The generator's plan for all members of a shape."""
        lines = [f"post\t{self.post}", *self.rules]
        for number in range(shape.connections):
            port = self.ports[number % len(self.ports)]
            lines.append(self.join(number // shape.members, number, port, key))
        return lines

    def join(self, room, number, port, key):
        return join_line(room, port, f"/{room}")


class Loop(Peer):
    name = "C loop"
    kind = LIMIT
    options = ()

    def arguments(self, port):
        return [self.services.tools / "loop", str(port), *self.options]


class JoinedLoop(Loop):
    name = "C loop, writes joined"
    options = ("joined",)


class Ws(Peer):
    name = "ws"
    needs = ("node",)
    script = "ws.js"

    def __init__(self, services):
        super().__init__(services)
        self.folder = services.tools / "node"

    def arguments(self, port):
        return ["node", self.script, str(port)]


class SocketIO(Ws):
    name = "Socket.IO"
    script = "socketio.js"
    post = '42["chat","$TEXT"]'
    rules = ("ready\t40{", "answer\t2\t3")  # Engine.IO 4: connected; ping, pong

    def join(self, room, number, port, key):
        path = f"/socket.io/?EIO=4&transport=websocket&room={room}"
        return join_line(room, port, path, first="40")


class Tutorial(Peer):
    name = "Channels tutorial"
    needs = ("redis-server",)
    post = '{"message":"$TEXT"}'
    most_in_flight = 4
    uses_redis = True
    path = "/ws/chat/{}/"

    def start(self):
        self.helpers = [self.services.redis]
        super().start()

    def settings(self):
        url = self.services.redis.url
        return {"REDIS_URL": url, "DATABASE_URL": "sqlite://:memory:"}

    def arguments(self, port):
        application = "bench.tutorial.asgi:application"
        options = ["-v", "0", "-b", "127.0.0.1", "-p", str(port)]
        return [sys.executable, "-m", "daphne", *options, application]

    def join(self, room, number, port, key):
        return join_line(room, port, self.path.format(room))


class OrmPosts(Tutorial):
    """Stores and tells nobody else: what acknowledged posts are compared with."""

    shapes = {POSTS.name}
    post = '{"client_id":"$UUID","message":"$TEXT"}'
    path = "/ws/store/{}/"

    def __init__(self, services, stores, *, keeps_connections=False):
        super().__init__(services)
        self.stores, self.keeps_connections = stores, keeps_connections
        self.needs += (POSTGRESQL,) if stores == POSTGRESQL else ()
        kept = ", connections kept" if keeps_connections else ""
        self.name = f"ORM, {stores}{kept}"

    def prepare(self, shapes):
        self.database = self.services.new_database(self.stores)
        most = max(shape.rooms for shape in shapes.values())
        run_python(self.settings(), "-m", "bench.tutorial.prepare", str(most))

    def start(self):
        super().start()
        self.helpers = database_processes(self)

    def settings(self):
        kept = {"KEEP_CONNECTIONS": 1} if self.keeps_connections else {}
        return super().settings() | {"DATABASE_URL": self.database} | kept


class Ours(Peer):
    kind = OURS
    post = '{"type":"post","client_id":"$UUID","body":"$TEXT"}'
    rules = (
        'ready\t{"type": "resumed"',
        'ready\t{"type":"resumed"',
        'answer\t{"type": "heartbeat"\t{"type":"heartbeat"}',
        'answer\t{"type":"heartbeat"\t{"type":"heartbeat"}',
    )

    def __init__(self, services, stores, *, redis=False, processes=1, shapes=TALK):
        super().__init__(services)
        self.stores, self.uses_redis, self.shapes = stores, redis, shapes
        self.process_count = processes
        self.needs += (POSTGRESQL,) if stores == POSTGRESQL else ()
        self.needs += ("redis-server",) if redis else ()
        several = f", {processes} processes" if processes > 1 else ""
        self.name = f"Chatsite, {stores}{' + Redis' if redis else ''}{several}"

    def prepare(self, shapes):
        self.database = self.services.new_database(self.stores)
        self.data = self.services.new_folder("data")
        run_python(self.settings(), "manage.py", "prepare")
        wanted = {key: [shape.rooms, shape.members] for key, shape in shapes.items()}
        wanted_file = self.data / "wanted.json"
        wanted_file.write_text(json.dumps(wanted))
        made = run_python(self.settings(), "-m", "bench.members", str(wanted_file))
        self.members = json.loads(made)

    def start(self):
        redis = [self.services.redis] if self.uses_redis else []
        self.helpers = redis + database_processes(self)
        super().start()

    def settings(self):
        return {
            "DATA_DIR": self.data,
            "DATABASE_URL": self.database,
            "REDIS_URL": self.services.redis.url if self.uses_redis else "",
        }

    def arguments(self, port):
        return [sys.executable, "-m", "bench.serve"]

    def join(self, room, number, port, key):
        place, public_id, epoch, session = self.members[key][number]
        return join_line(
            place,
            port,
            f"/rooms/{public_id}/socket/?language=en",
            cookie=f"sessionid={session}",
            first=f'{{"type":"resume","change":0,"epoch":"{epoch}"}}',
        )


def count_commands(url):
    with Redis.from_url(url) as client:
        counts = client.info("commandstats")
    asking = {"cmdstat_info", "cmdstat_client|setinfo", "cmdstat_hello"}
    return sum(c["calls"] for name, c in counts.items() if name not in asking)


def database_processes(peer):
    return [peer.services.postgresql] if peer.stores == POSTGRESQL else []


def all_peers(services):
    thousand = {ONE_X_1000.name}
    return [
        Loop(services),
        JoinedLoop(services),
        Ws(services),
        SocketIO(services),
        Tutorial(services),
        Ours(services, SQLITE, shapes=TALK | {POSTS.name}),
        Ours(services, SQLITE, redis=True, shapes=thousand),
        Ours(services, POSTGRESQL, shapes=thousand | {POSTS.name}),
        Ours(services, POSTGRESQL, redis=True),
        Ours(
            services,
            POSTGRESQL,
            redis=True,
            processes=2,
            shapes=thousand | {HUNDRED_X_10.name},
        ),
        OrmPosts(services, SQLITE),
        OrmPosts(services, SQLITE, keeps_connections=True),
        OrmPosts(services, POSTGRESQL),
        OrmPosts(services, POSTGRESQL, keeps_connections=True),
    ]
