"""From rows to figures: medians of the repeats."""

from statistics import median

FAULTS = ("lost", "doubled", "disordered", "strange", "closed")
KIB = 1024


class Figures:
    """What the rows say about a peer in a shape; None where nothing was measured."""

    def __init__(self, document):
        self.rows = document["rows"]
        self.peers = document["peers"]

    def of(self, peer, shape, verb):
        """The rows of every repeat."""
        wanted = (peer, shape, verb)
        return [r for r in self.rows if (r["peer"], r["shape"], r["verb"]) == wanted]

    def shapes(self, verb):
        """Names of the shapes in which this was measured, in order."""
        return list(dict.fromkeys(r["shape"] for r in self.rows if r["verb"] == verb))

    def rounds(self):
        return max((row["round"] for row in self.rows), default=0)

    def deliveries(self, peer, shape):
        return self._median(peer, shape, lambda r: r["deliveries"] / r["seconds"])

    def deliveries_per_cpu(self, peer, shape):
        """Deliveries for each second of CPU of the server, Redis and PostgreSQL."""
        return self._median(peer, shape, per_cpu)

    def posts(self, peer, shape):
        return self._median(peer, shape, lambda r: r["acked"] / r["seconds"])

    def cpu(self, peer, shape):
        """Shares of a core: (server, its helpers, the load generator at work)."""
        names = ("server_cpu", "helper_cpu", "load_busy")
        return [self._median(peer, shape, lambda r, n=n: r[n]) for n in names]

    def last_member(self, peer, shape):
        """Milliseconds until the last member had a message: (median, 99th of 100)."""
        rows = self.of(peer, shape, "pace")
        every = [second for row in rows for second in row["latencies"]]
        if not every:
            return None
        p50 = median(row["p50"] for row in rows if row["latencies"])
        return p50 * 1e3, p50_and_p99(every)[1]

    def idle_kib(self, peer, shape):
        rows = self.of(peer, shape, "idle")
        return median(row["bytes"] for row in rows) / KIB if rows else None

    def redis_commands(self, peer, shape):
        """Commands that Redis ran for each message; None where there is no Redis."""
        return self._median(peer, shape, commands_each)

    def openings(self):
        """{messages in a room: milliseconds to open it, (median, 99th of 100)}."""
        rows = [row for row in self.rows if row["verb"] == "open"]
        return {row["shape"]: p50_and_p99(row["seconds"]) for row in rows}

    def faults(self, peer, shape=None):
        """How often each fault was met, in all repeats."""
        rows = [r for r in self.rows if r["peer"] == peer]
        rows = [r for r in rows if r["verb"] in {"saturate", "pace"}]
        rows = [r for r in rows if shape in {None, r["shape"]}]
        return {name: sum(r[name] for r in rows) for name in FAULTS}

    def others_cpu(self):
        """Cores that other programs took while this was measured: (median, most)."""
        shares = [max(0, r["others_cpu"]) for r in self.rows if "others_cpu" in r]
        return (median(shares), max(shares)) if shares else (0, 0)

    def most_delivered(self):
        """Deliveries per second that the load generator has shown it can take."""
        rows = [r for r in self.rows if r["verb"] == "saturate"]
        return max((r["deliveries"] / r["seconds"] for r in rows), default=0)

    def failures(self):
        return [r for r in self.rows if r["verb"] == "failure"]

    def _median(self, peer, shape, figure):
        found = [figure(row) for row in self.of(peer, shape, "saturate")]
        found = [value for value in found if value is not None]
        return median(found) if found else None


def p50_and_p99(seconds):
    ordered = sorted(seconds)
    return median(ordered) * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3


def commands_each(row):
    messages = row["acked"] / row["seconds"] * row["lasted"]
    return row["redis_commands"] / messages if row["redis_commands"] else None


def per_cpu(row):
    cpu = row["server_cpu"] + row["helper_cpu"]
    return row["deliveries"] / row["seconds"] / cpu if cpu else 0
