"""Draws the figures as horizontal bars, in SVG written by hand."""

from html import escape

WIDTH, MARGIN, GAP = 1040, 24, 28
PANEL_WIDTH = (WIDTH - 2 * MARGIN - GAP) // 2
LABEL_WIDTH, VALUE_WIDTH = 262, 66
BAR, STEP, TITLE_HEIGHT = 14, 22, 30
COLOURS = {"limit": "#b8bec8", "other": "#7d8aa0", "ours": "#0b7a5f"}
NOT_DRAWN = {"C loop, writes joined"}  # it would make all others too small to see
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#1d2433}"
    ".title{font-weight:600;font-size:13px}.value{fill:#4a5468}"
)


def draw(figures):
    """Return the plot as text: a panel for each question, a bar for each peer."""
    panels = [panel for panel in all_panels(figures) if panel[1]]
    heights = [
        max(height_of(panel) for panel in panels[i : i + 2])
        for i in range(0, len(panels), 2)
    ]
    height = sum(heights) + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="Benchmark results as bars; the same as in table.md">',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#fff"/>',
    ]
    for number, panel in enumerate(panels):
        left = MARGIN + (number % 2) * (PANEL_WIDTH + GAP)
        top = MARGIN + sum(heights[: number // 2])
        parts += draw_panel(figures, panel, left, top)
    return "\n".join([*parts, "</svg>"]) + "\n"


def all_panels(figures):
    """Yield (title, [(peer, value)], how values are written)."""

    def values(figure):
        found = [(p, figure(p)) for p in figures.peers if p not in NOT_DRAWN]
        return [(peer, value) for peer, value in found if value]

    for shape in figures.shapes("saturate"):
        if shape != "posts":
            title = f"{shape}, saturated: deliveries/s"
            yield title, values(lambda p, s=shape: figures.deliveries(p, s)), ",.0f"

    def last(peer):
        found = figures.last_member(peer, "1 × 1,000")
        return found and found[0]

    yield "1 × 1,000, 2 messages/s: ms to the last member", values(last), ",.1f"
    yield "Acknowledged posts/s", values(lambda p: figures.posts(p, "posts")), ",.0f"
    shape = "1 × 5,000"
    title = f"{shape}: idle KiB per connection"
    yield title, values(lambda p: figures.idle_kib(p, shape)), ",.1f"


def height_of(panel):
    return TITLE_HEIGHT + STEP * len(panel[1]) + GAP


def draw_panel(figures, panel, left, top):
    title, bars, form = panel
    most = max(value for _peer, value in bars)
    room = PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH
    yield f'<text class="title" x="{left}" y="{top + 12}">{escape(title)}</text>'
    for number, (peer, value) in enumerate(bars):
        y = top + TITLE_HEIGHT + number * STEP
        x, width = left + LABEL_WIDTH, max(1, round(value / most * room))
        end = x + width + 5
        colour = COLOURS[figures.peers[peer][0]]
        yield f'<text x="{x - 6}" y="{y + 11}" text-anchor="end">{escape(peer)}</text>'
        yield f'<rect x="{x}" y="{y}" width="{width}" height="{BAR}" fill="{colour}"/>'
        yield f'<text class="value" x="{end}" y="{y + 11}">{value:{form}}</text>'
