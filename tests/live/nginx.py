"""The nginx of docker-compose.yml in front of servers on loopback."""

import os
import shutil

from tests.live.processes import (
    PROJECT,
    START_SECONDS,
    Process,
    answers,
    free_port,
    wait_until,
)

LISTEN = "    listen 8080;\n"


class Nginx(Process):
    """Known by its address before it starts: servers behind it must know that."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        user = "user root; " if os.geteuid() == 0 else ""
        arguments = [program, "-c", str(folder / "nginx.conf"), "-e", "stderr"]
        arguments += ["-g", f"{user}daemon off;"]
        super().__init__(arguments, log=folder / "nginx.log")

    def start_before(self, servers):
        """Start in front of servers that share a data folder; each request goes to
        another of them."""
        self._configure(servers)
        super().start()
        wait_until(lambda: answers(self.port), START_SECONDS)
        return self

    def _configure(self, servers):
        """Write deploy/nginx.conf with the places of this machine."""
        text = (PROJECT / "deploy" / "nginx.conf").read_text()
        ports = "".join(f"server 127.0.0.1:{s.port} max_fails=0; " for s in servers)
        data = servers[0].environment["DATA_DIR"]
        for theirs, ours in {
            "  server {\n" + LISTEN: "  upstream chat { "
            + ports
            + "}\n  server {\n"
            + LISTEN,
            LISTEN: f"    listen 127.0.0.1:{self.port};\n",
            "http://$chat:8000": "http://chat",
            "/tmp/": f"{self.folder}/",
            "/data/": f"{data}/",
        }.items():
            assert theirs in text, theirs
            text = text.replace(theirs, ours)
        (self.folder / "nginx.conf").write_text(text)
        limits = "client_max_body_size 102m;\n"
        (self.folder / "from-environment.conf").write_text(limits)
