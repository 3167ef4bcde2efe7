"""Did a summit end the tension?

Twice the rulers of the Gulf met to settle their dispute with Qatar: in Riyadh on 16 November 2014 and in AlUla on 5 January
2021. What did the states do to each other before and after each, and did it last?

    pip install ./clients/python[pandas]
    python examples/tension_around_a_summit.py      # or cell by cell in VS Code or Jupyter
"""

# %% The summits, and the states that signed: from the registry
from __future__ import annotations

import math
from typing import Any

import pandas as pd
from shared import NOT_COUNTED, draw, registry, show

demarche = registry()
HOST = "Qatar"
SUMMITS = {"Riyadh": "demo:gulf_riyadh_supplementary_agreement", "AlUla": "demo:gulf_alula_declaration_signed"}
WINDOW = pd.DateOffset(years=4)

summits = {place: demarche.diplomatic_actions.get(key) for place, key in SUMMITS.items()}
days = {place: pd.Timestamp(summit.get("occurred_on") or "") for place, summit in summits.items()}
signatories = {
    participant["actor"]["name"]: participant["actor"]["id"]
    for summit in summits.values()
    for participant in summit["participants"]
    if participant["role"] == "initiator" and participant["actor"]["kind"] == "state"
}
qatar = signatories.pop(HOST)
print(f"Qatar and {', '.join(sorted(signatories))}")

# %% What each of them and Qatar did to each other, with the acts of their officials and offices
timelines = [
    demarche.dyad(qatar, other).frame(announcements="fold", event="occurred").assign(other=name)
    for name, other in signatories.items()
]
acts = pd.concat(timelines, ignore_index=True)
# Only what took place, as schema `bi` counts it. Threats and allegations are in the timeline too.
acts = acts[(acts["modality"] == "actual") & ~acts["claim_status"].isin(NOT_COUNTED) & acts["on"].notna()]
# A date that is known only partly stands at its first day, or at its last if it is open at the beginning.
acts["day"] = acts["on_earliest"].fillna(acts["on_latest"])
# One act towards several states is in several timelines.
acts = acts.sort_values("day").drop_duplicates("id").reset_index(drop=True)
print(f"{len(acts)} acts from {acts['day'].min():%Y-%m-%d} to {acts['day'].max():%Y-%m-%d}")

# %% The answer: the years before and after each summit
rows = []
for place, day in days.items():
    others = acts[acts["id"] != summits[place]["id"]]
    for side, part in (
        ("before", others[(others["day"] >= day - WINDOW) & (others["day"] < day)]),
        ("after", others[(others["day"] >= day) & (others["day"] <= day + WINDOW)]),
    ):
        hostile = part[part["goldstein"] < 0]
        rows.append(
            {
                "summit": f"{place}, {day:%Y-%m-%d}",
                "": side,
                "acts": len(part),
                "hostile": len(hostile),
                "cooperative": int((part["goldstein"] > 0).sum()),
                "mean Goldstein": round(float(part["goldstein"].mean()), 1) if len(part) else None,
                "worst": None if hostile.empty else hostile.sort_values("goldstein").iloc[0]["type"],
            }
        )
table = pd.DataFrame(rows).set_index(["summit", ""])
show("Four years before and four years after", table)

# %% Did it last: the first hostile act afterwards
for place, day in days.items():
    later = acts[(acts["day"] > day) & (acts["goldstein"] < 0)]
    if later.empty:
        print(f"After {place} no hostile act is recorded.")
    else:
        first = later.iloc[0]
        print(f"After {place} it took {(first['day'] - day).days} days until {first['on']}: {first['title']}.")

# %% The acts around the second summit, to check the numbers against
day = days["AlUla"]
near = acts[(acts["day"] >= day - pd.Timedelta(days=30)) & (acts["day"] <= day + WINDOW)]
show("From a month before AlUla on", near[["on", "type", "goldstein", "title"]].reset_index(drop=True))


# %% A score that fades: each act counts with its Goldstein score, and less as time goes by
def score(on: pd.Timestamp) -> float:
    """Returns the sum of the scores of all acts up to a day, each times exp(-days / 90).

    So bi.dyad_tension has it (score_unweighted). After 90 days 37 percent of an act is left.
    """
    past = acts[acts["day"] <= on]
    return math.fsum(
        goldstein * math.exp(-(on - day).days / 90) for goldstein, day in zip(past["goldstein"], past["day"], strict=True)
    )


months = pd.date_range("2013-12-31", "2024-12-31", freq="ME")
scores = pd.Series([score(month) for month in months], index=months)
around = {f"{label} ({month:%Y-%m})": f"{score(month):z.1f}" for label, month in (
    ("ambassadors recalled", pd.Timestamp("2014-03-31")),
    ("month after Riyadh", pd.Timestamp("2014-12-31")),
    ("blockade", pd.Timestamp("2017-06-30")),
    ("month before AlUla", pd.Timestamp("2020-12-31")),
    ("month after AlUla", pd.Timestamp("2021-02-28")),
)}  # fmt: skip
show("The score at the end of a month: the lower, the higher the tension", pd.Series(around, name="score"))

# %% How to read it
print("""
How to read it. Goldstein's scale gives each type of act a number from -10 (an attack) to 10. Riyadh followed one hostile act, and
a far worse crisis came later; before AlUla came the blockade, after it only steps of return. The score near 0 before AlUla does
not mean good relations: little new was done, and the measures of 2017 were still in force. Read it together with the sanctions
in force (`in_force_on`).
Limits. Two summits prove nothing about summits. The demo has the acts that its sources tell of, and quiet years may be years that
nobody recorded. Acts on the eve, such as the opening of the border on 4 January 2021, belong to the settlement and count here as
before. The summit itself is on neither side. An act towards four states counts once here, and four times in bi.dyad_tension.""")


# %% A chart, if matplotlib is there
def picture(axes: Any) -> None:
    axes.plot(scores.index, scores.to_numpy())
    axes.axhline(0, color="grey", linewidth=0.5)
    for day in days.values():
        axes.axvline(day, color="green", linestyle="--")
    axes.set_ylabel("fading Goldstein score, end of month")
    axes.set_title("Qatar and its neighbours; summits in Riyadh (2014) and AlUla (2021) dashed")


draw("tension_around_a_summit", picture)
