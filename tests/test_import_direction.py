"""Imports point one way (docs/architecture.md); there is no list of exceptions."""

import ast
from pathlib import Path

import pytest

from chatsite.environment import BASE_DIR

LAYERS = [
    {"urls", "routing"},
    {"views", "consumers", "admin", "management"},
    {"wiring", "templatetags", "apps", "origin"},
    {"forms", "access", "throttle", "logins"},
    {"actions"},
    {"events"},
    {"drawing"},
    {"live", "models", "markdown", "previews", "checks", "partials"},
    {"texts", "hashes", "content_types", "scanning"},
    {"limits", "exceptions", "chunks"},
]
HEIGHT = {name: height for height, layer in enumerate(LAYERS) for name in layer}
MODULES = [p for p in (BASE_DIR / "rooms").rglob("*.py") if "migrations" not in p.parts]


def name_of(module):
    """Return the part of rooms a module belongs to: `models` of rooms.models.room."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "rooms" else None


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            if node.module == "rooms":
                yield from (f"rooms.{alias.name}" for alias in node.names)


def part_of(path):
    return Path(path.relative_to(BASE_DIR / "rooms").parts[0]).stem


def parts_seen_by(path):
    return {name_of(module) for module in imports_of(path)} - {None}


def id_of(path):
    return str(path.relative_to(BASE_DIR))


def test_every_part_has_its_place():
    parts = {part_of(path) for path in MODULES} - {"__init__"}

    assert parts - set(HEIGHT) == set()


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_imports_point_downwards(path):
    part = part_of(path)

    for seen in parts_seen_by(path) - {part}:
        assert HEIGHT[seen] > HEIGHT[part], f"{part} imports {seen}"


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_models_and_live_do_not_know_each_other(path):
    strangers = {"models": "live", "live": "models"}

    assert strangers.get(part_of(path)) not in parts_seen_by(path)


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_only_live_uses_the_channel_layer(path):
    uses = any(module.startswith("channels.layers") for module in imports_of(path))

    assert uses is False or part_of(path) == "live"


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_only_consumers_use_the_wiring(path):
    assert "wiring" not in parts_seen_by(path) or part_of(path) == "consumers"


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_only_actions_tell_events(path):
    calls = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "events"
    }

    telling = {name for name in calls if name.startswith("tell")}
    assert telling == set() or part_of(path) == "actions"
