"""The registry that the tests ask: the one at DEMARCHE_URL, or a demo that they start, or none, and then they are skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demarche import Registry

REPOSITORY = Path(__file__).resolve().parents[3]


def program() -> Path | None:
    """Returns the program `demarche`: DEMARCHE_PROGRAM, else what cargo has built."""
    if named := os.environ.get("DEMARCHE_PROGRAM"):
        return Path(named)
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    found = [target / profile / "demarche" for profile in ("debug", "release")]
    return next((path for path in found if path.is_file()), None)


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[str, str]]:
    """Returns the address of a registry with the demo's cases, and an analyst's token."""
    if url := os.environ.get("DEMARCHE_URL"):
        yield url, os.environ.get("DEMARCHE_TOKEN", "")
        return
    found = program()
    if found is None:
        pytest.skip("no registry: set DEMARCHE_URL and DEMARCHE_TOKEN, or run `cargo build` for a demo")
    # PostgreSQL, which does not run as root, must reach it.
    folder = Path(tempfile.mkdtemp(prefix="demarche-python-"))
    folder.chmod(0o711)
    command = [str(found), "demo", "--port", "0", "--data-dir", str(folder / "data")]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder)
    try:
        assert demo.stdout is not None
        printed: dict[str, str] = {}
        for line in demo.stdout:
            name, is_setting, value = line.strip().partition("=")
            if is_setting and name in ("API", "TOKEN"):
                printed[name] = value
            if len(printed) == 2:
                break
        if len(printed) < 2:
            pytest.fail(f"{found} demo has ended before it printed its address")
        yield printed["API"], printed["TOKEN"]
    finally:
        demo.terminate()
        demo.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def registry(server: tuple[str, str]) -> Registry:
    """Returns a registry with the demo's cases that can be written."""
    url, token = server
    return Registry(url, token or None)
