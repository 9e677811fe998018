"""Writes what was found: a table in Markdown, a plot, the README's table."""

import re
from pathlib import Path

from bench import plot
from bench.figures import Figures
from bench.targets import targets

README = Path(__file__).parents[1] / "README.md"
README_TABLE = re.compile(r"(<!-- benchmark -->\n).*?(<!-- /benchmark -->)", re.S)
README_PEERS = ("Channels tutorial", "Socket.IO", "ws", "Chatsite, SQLite")
README_PEERS += ("Chatsite, PostgreSQL + Redis",)
FULL_LOAD = 0.9  # of a core
QUIET = 0.1  # of a core
NONE = "–"


def write(document, folder, *, readme=False):
    """Write into `folder` (or print, without one), and into the README when asked."""
    figures = Figures(document)
    text = "\n\n".join(sections(figures, document["machine"])) + "\n"
    if folder is None:
        print("\n" + text)
        return
    (folder / "table.md").write_text(text)
    (folder / "plot.svg").write_text(plot.draw(figures))
    print(f"\nWritten: {folder / 'table.md'}, plot.svg, results.json")
    if readme:
        write_readme(figures)


def write_readme(figures):
    """Put the short table between the README's marks, where it has them."""
    text = README.read_text()
    short = readme_table(figures) + "\n"
    README.write_text(README_TABLE.sub(lambda m: m[1] + short + m[2], text))


def sections(figures, machine):
    about = ", ".join(f"{name} {value}" for name, value in machine.items())
    yield "# Benchmark"
    yield (
        f"Medians, rounds: {figures.rounds()}, on {about}. What is measured, and how: "
        "[bench/README.md](../README.md)."
    )
    yield quietness(figures)
    yield "## Targets\n\n" + targets_table(figures)
    yield "## Saturated: deliveries per second\n\n" + saturated_table(figures)
    yield "## The same, per second of CPU\n\n" + cpu_table(figures)
    if figures.shapes("pace"):
        yield (
            "## Two messages a second: ms to the last member, median / 99th of 100"
            "\n\n" + last_member_table(figures)
        )
    if "posts" in figures.shapes("saturate"):
        yield "## Acknowledged posts per second\n\n" + posts_table(figures)
    if figures.openings():
        yield "## Opening a room: ms for its page\n\n" + openings_table(figures)
    yield "## Redis commands for each message\n\n" + redis_table(figures)
    yield "## Idle memory: KiB per connection\n\n" + idle_table(figures)
    yield "## Where the CPU went: cores, server + helpers / load"
    yield load_words(figures)
    yield share_table(figures)
    yield "## Faults\n\n" + faults_table(figures)


def quietness(figures):
    """How far the figures can be trusted, from what else ran."""
    typical, most = figures.others_cpu()
    words = (
        f"Meanwhile other programs took {typical:.2f} cores of these two (median of "
        f"all measurements; at most {most:.2f})."
    )
    if typical < QUIET:
        return words
    return f"{words} **That is too much: read the ratios per second of CPU.**"


def load_words(figures):
    most = figures.most_delivered()
    return f"The most the load generator has taken: {most:,.0f} deliveries/s."


def targets_table(figures):
    head = ["", "measured", "per second of CPU", "wanted", "met"]
    return table(head, targets(figures))


def saturated_table(figures):
    return by_shape(figures, "saturate", lambda p, s: number(figures.deliveries(p, s)))


def cpu_table(figures):
    def cell(peer, shape):
        return number(figures.deliveries_per_cpu(peer, shape))

    return by_shape(figures, "saturate", cell)


def last_member_table(figures):
    def cell(peer, shape):
        found = figures.last_member(peer, shape)
        return f"{found[0]:,.1f} / {found[1]:,.1f}" if found else NONE

    return by_shape(figures, "pace", cell)


def idle_table(figures):
    def cell(peer, shape):
        found = figures.idle_kib(peer, shape)
        return NONE if found is None else f"{found:,.1f}"

    return by_shape(figures, "idle", cell)


def redis_table(figures):
    def cell(peer, shape):
        found = figures.redis_commands(peer, shape)
        return NONE if found is None else f"{found:,.2f}"

    return by_shape(figures, "saturate", cell, leave_out=())


def openings_table(figures):
    lines = [
        [size, f"{p50:.1f}", f"{p99:.1f}"]
        for size, (p50, p99) in figures.openings().items()
    ]
    return table(["in the room", "median", "99th of 100"], lines)


def share_table(figures):
    def cell(peer, shape):
        shares = figures.cpu(peer, shape)
        if shares[0] is None:
            return NONE
        server, helper, load = shares
        full = " (the load was full)" if load > FULL_LOAD > server + helper else ""
        return f"{server:.2f} + {helper:.2f} / {load:.2f}{full}"

    return by_shape(figures, "saturate", cell, leave_out=())


def posts_table(figures):
    lines = []
    for peer in figures.peers:
        if (posts := figures.posts(peer, "posts")) is not None:
            lines.append([peer, number(posts)])
    return table(["", "posts/s"], lines)


def faults_table(figures):
    lines = []
    for peer in figures.peers:
        faults = [f"{name} {n:,}" for name, n in figures.faults(peer).items() if n]
        lines.append([peer, ", ".join(faults) or "none"])
    for failure in figures.failures():
        lines.append([f"{failure['peer']}, {failure['shape']}", failure["why"]])
    return table(["", "lost, doubled, out of order, closed"], lines, texts=2)


def readme_table(figures):
    head = ["", "stores", "1 × 1,000: deliveries/s", "to the last member, ms"]
    head += ["100 × 10: deliveries/s", "idle KiB per connection"]
    peers = [peer for peer in README_PEERS if peer in figures.peers]
    return table(head, [readme_line(figures, peer) for peer in peers], texts=2)


def readme_line(figures, peer):
    last = figures.last_member(peer, "1 × 1,000")
    idle = figures.idle_kib(peer, "1 × 5,000")
    return [
        peer,
        "every message" if figures.peers[peer][1] else "nothing",
        number(figures.deliveries(peer, "1 × 1,000")),
        f"{last[0]:,.0f}" if last else NONE,
        number(figures.deliveries(peer, "100 × 10")),
        NONE if idle is None else f"{idle:,.0f}",
    ]


def by_shape(figures, verb, cell, leave_out=("posts",)):
    """A table with a line per peer and a column per shape."""
    shapes = [shape for shape in figures.shapes(verb) if shape not in leave_out]
    lines = [[peer, *(cell(peer, s) for s in shapes)] for peer in figures.peers]
    filled = [line for line in lines if set(line[1:]) != {NONE}]
    return table(["", *shapes], filled)


def table(head, lines, texts=1):
    """A table in Markdown; the columns after the first `texts` are numbers."""
    marks = ["---"] * texts + ["---:"] * (len(head) - texts)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, marks, *lines))


def number(value):
    return NONE if value is None else f"{value:,.0f}"


def brief(row):
    """One row in a few words, told while it runs."""
    if row["verb"] == "failure":
        return row["why"]
    if row["verb"] == "idle":
        return f"connected in {row['connecting']} s, {row['bytes'] / 1024:.1f} KiB each"
    faults = [f"{n} {row[n]:,}" for n in ("lost", "doubled", "disordered") if row[n]]
    if row["verb"] == "pace":
        said = [f"last member {row['p50'] * 1e3:.1f} ms"]
    else:
        said = [f"{row['deliveries'] / row['seconds']:,.0f} deliveries/s"]
        said.append(f"{row['acked'] / row['seconds']:,.0f} posts/s")
        cpu = f"{row['server_cpu']:.2f} + {row['helper_cpu']:.2f}"
        said.append(f"cpu {cpu} / {row['load_busy']:.2f}")
        said.append(f"others {row['others_cpu']:.2f}")
    return ", ".join(said + faults)
