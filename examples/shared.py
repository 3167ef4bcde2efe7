"""What the examples share: the registry that they ask, and how they print and draw."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from demarche import ConnectionFailed, Registry

# These say that a claim is wrong: it is recorded as what was claimed, and not counted.
NOT_COUNTED = ["denied", "retracted"]

# The fields that `imposing_parties` needs.
IMPOSER = "imposer,imposer_id,imposer.kind,imposer.countries.code"


def registry() -> Registry:
    """Returns the registry at DEMARCHE_URL (the demo's default address if unset), read with DEMARCHE_TOKEN if it is set.

    # Raises
    `SystemExit` with a sentence if no server answers there.
    """
    url = os.environ.get("DEMARCHE_URL", "http://127.0.0.1:8080")
    found = Registry(url, os.environ.get("DEMARCHE_TOKEN"))
    try:
        found.get("/healthz")
    except ConnectionFailed:
        sys.exit(f"no server answers at {url}: start the demo (demarche demo), or set DEMARCHE_URL to the address of a registry")
    return found


def imposing_parties(registry: Registry, sanctions: pd.DataFrame) -> pd.Series[str]:
    """Returns the party whose act each sanction is: US for what OFAC imposed, EU for what the Council imposed.

    The frame has the columns IMPOSER, which `include="imposer"` fills. A state is its own party. The party of another imposer is
    decided by the registry, from its ties on the day: `imposing_party` finds the sanctions of a party, and is asked once for
    each country of these imposers. An imposer that is found for none, such as the African Union, is its own party.
    """
    codes = sanctions["imposer.countries.code"].map(list)
    states = sanctions["imposer.kind"] == "state"
    # The country of a state is the state itself.
    party = dict(zip(sanctions["id"], sanctions["imposer"].where(~states, codes.str[0]), strict=True))
    others = sanctions["imposer.kind"].isin(["government_body", "intergovernmental_organization"])
    for code in sorted(set(codes[others].explode().dropna()) | {"EU", "UN"}):
        for record in registry.sanctions.stream(imposing_party=code, fields="id"):
            if record["id"] in party:
                party[record["id"]] = code
    return sanctions["id"].map(party)


def show(title: str, table: pd.DataFrame | pd.Series[Any]) -> None:
    """Prints a table with a title."""
    with pd.option_context("display.width", 200, "display.max_columns", 30, "display.max_rows", 60, "display.max_colwidth", 90):
        print(f"\n{title}\n{'-' * len(title)}\n{table.to_string(na_rep='') if len(table) else '(nothing)'}")


def draw(name: str, picture: Callable[[Any], None]) -> None:
    """Draws a picture into NAME.png of the folder DEMARCHE_CHARTS, or of charts/ beside this file. It needs matplotlib."""
    try:
        import matplotlib
    except ModuleNotFoundError:
        print("\nno chart: matplotlib is not installed (pip install matplotlib)")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder = Path(os.environ.get("DEMARCHE_CHARTS") or Path(__file__).parent / "charts")
    folder.mkdir(exist_ok=True)
    figure, axes = pyplot.subplots(figsize=(9, 5), layout="constrained")
    picture(axes)
    figure.savefig(folder / f"{name}.png", dpi=120)
    pyplot.close(figure)
    print(f"\nchart: {folder / f'{name}.png'}")
