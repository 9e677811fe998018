"""The browser's models, by Node's own test runner: one test here for each file."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
FILES = sorted(Path(__file__).parent.glob("*.test.js"))


@pytest.fixture
def modules(tmp_path):
    """A copy that says that its files are modules, as a page says of its scripts."""
    shutil.copytree(PROJECT / "static/js", tmp_path / "static/js")
    shutil.copytree(PROJECT / "tests/js", tmp_path / "tests/js")
    (tmp_path / "package.json").write_text(json.dumps({"type": "module"}))
    return tmp_path


@pytest.mark.node
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_models(modules, path):
    done = subprocess.run(
        ["node", "--test", path.relative_to(PROJECT)],
        cwd=modules,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
