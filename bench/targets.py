"""What is aimed at, as ratios within one run."""

from bench.figures import FAULTS

SQLITE, POSTGRESQL = "Chatsite, SQLite", "Chatsite, PostgreSQL"
RATIOS = [  # shape, ours, compared with, at least (None: only told)
    ("1 × 1,000", SQLITE, "Channels tutorial", 50),
    ("1 × 1,000", SQLITE, "Socket.IO", 1.5),
    ("100 × 10", SQLITE, "Channels tutorial", 8),
    ("100 × 10", SQLITE, "Socket.IO", 0.5),
    ("posts", SQLITE, "ORM, SQLite", 5),
    ("posts", SQLITE, "ORM, SQLite, connections kept", None),
    ("posts", POSTGRESQL, "ORM, PostgreSQL", 15),
    ("posts", POSTGRESQL, "ORM, PostgreSQL, connections kept", None),
]
IDLE = ("1 × 5,000", SQLITE, "Channels tutorial", 0.85)
REDIS = ("1 × 1,000", "Chatsite, PostgreSQL + Redis, 2 processes", 2)
OPENINGS = ("1,000 messages", "1,000,000 messages", 1.3)
SOONER = ("1 × 1,000", SQLITE, "Socket.IO", 1)
NOTHING = "–"


def targets(figures):
    """Return [what, ratio, ratio per second of CPU, wanted, whether met] as text, for
    what this run can tell."""
    lines = [ratio_line(figures, *ratio) for ratio in RATIOS]
    lines += [sooner_line(figures, *SOONER), idle_line(figures, *IDLE)]
    lines += [redis_line(figures, *REDIS), openings_line(figures, *OPENINGS)]
    lines += [faults_line(figures)]
    return [line for line in lines if line]


def ratio_line(figures, shape, ours, other, wanted):
    mine, theirs = (figures.deliveries(peer, shape) for peer in (ours, other))
    if not mine or not theirs:
        return None
    cpu = figures.deliveries_per_cpu
    what = f"{shape}, saturated: {ours} to {other}"
    return ratio_words(
        what, mine / theirs, cpu(ours, shape) / cpu(other, shape), wanted
    )


def sooner_line(figures, shape, ours, other, wanted):
    mine, theirs = (figures.last_member(peer, shape) for peer in (ours, other))
    if not mine or not theirs:
        return None
    what = f"{shape}, time to the last member: {other} to {ours}"
    return ratio_words(what, theirs[0] / mine[0], None, wanted)


def idle_line(figures, shape, ours, other, most):
    mine, theirs = (figures.idle_kib(peer, shape) for peer in (ours, other))
    if not mine or not theirs:
        return None
    what = f"{shape}, idle memory per connection: {ours} to {other}"
    return most_words(what, mine / theirs, most)


def redis_line(figures, shape, ours, most):
    each = figures.redis_commands(ours, shape)
    if each is None:
        return None
    what = f"{shape}, Redis commands for each message: {ours}"
    return [what, f"{each:.2f}", NOTHING, f"≤ {most}", "yes" if each <= most else "no"]


def openings_line(figures, few, many, most):
    openings = figures.openings()
    if not openings:
        return None
    what = f"opening a room, 99th of 100: {many} to {few}"
    return most_words(what, openings[many][1] / openings[few][1], most)


def most_words(what, ratio, most):
    met = "yes" if ratio <= most else "no"
    return [what, f"{ratio:.2f} ×", NOTHING, f"≤ {most} ×", met]


def ratio_words(what, ratio, per_cpu, wanted):
    second = NOTHING if per_cpu is None else f"{per_cpu:.1f} ×"
    if wanted is None:
        return [what, f"{ratio:.1f} ×", second, NOTHING, NOTHING]
    met = "yes" if ratio >= wanted else "no"
    return [what, f"{ratio:.1f} ×", second, f"≥ {wanted} ×", met]


def faults_line(figures):
    """Nothing of ours lost, doubled or out of order, in any shape."""
    ours = {name for name, (kind, _stores) in figures.peers.items() if kind == "ours"}
    if not ours:
        return None
    every = [figures.faults(name) for name in ours]
    sums = {fault: sum(faults[fault] for faults in every) for fault in FAULTS}
    sums["failed runs"] = sum(row["peer"] in ours for row in figures.failures())
    told = ", ".join(f"{name} {count:,}" for name, count in sums.items() if count)
    met = "no" if told else "yes"
    return ["Chatsite: lost, doubled, out of order", told or "0", NOTHING, "0", met]
