import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def command():
    """The command line, which the step of the checks names in LANDGAVEL; built when it does not."""
    import os

    named = os.environ.get("LANDGAVEL")
    if named is None:
        subprocess.run(["cargo", "build", "--quiet", "--package", "landgavel"], cwd=ROOT, check=True)
        named = str(ROOT / "target/debug/landgavel")
    return lambda *arguments: subprocess.run([named, *map(str, arguments)], cwd=ROOT, check=True, capture_output=True)


@pytest.fixture(scope="session")
def shipped(root):
    import landgavel as lg

    return lg.Study.load(root / "studies/yiwu-four-part.toml").replace(sales=2000)
