"""Who lists whom together?

Several parties often sanction one target together. Which targets were listed by two or more parties within 30 days, who moved
first, and which of these listings are recorded as coordinated?

    pip install ./clients/python[pandas]
    python examples/coordinated_listings.py      # or cell by cell in VS Code or Jupyter
"""

# %% All sanctions whose day is known, and whose act each one is
from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd
from shared import IMPOSER, NOT_COUNTED, draw, imposing_parties, registry, show

demarche = registry()
DAYS = 30

sanctions = demarche.sanctions.frame(
    {"not.claim_status": NOT_COUNTED},
    include="imposer",
    fields=f"id,{IMPOSER},target,target_id,imposed_on,action_id",
)
exact = sanctions["imposed_on_earliest"].notna() & (sanctions["imposed_on_earliest"] == sanctions["imposed_on_latest"])
print(f"{len(sanctions)} sanctions, {int(exact.sum())} of them imposed on a day that is known; the others are left out")
sanctions = sanctions[exact].rename(columns={"imposed_on_earliest": "day"})
sanctions["party"] = imposing_parties(demarche, sanctions)

# %% Actions that are recorded as coordinated with each other
linked = {
    frozenset((action["id"], link["action"]["id"]))
    for action in demarche.diplomatic_actions.list(link_kind="coordinated_with", fields="id,links")
    for link in action["links"]
    if link["kind"] == "coordinated_with"
}

# %% Pairs: the first sanctions of two parties against one target, at most 30 days apart
pairs = []
for (_, target), group in sanctions.groupby(["target_id", "target"]):
    for one, other in combinations(group.sort_values("day").to_dict("records"), 2):
        apart = (other["day"] - one["day"]).days
        if one["party"] == other["party"] or apart > DAYS:
            continue
        actions = {action for action in (one["action_id"], other["action_id"]) if isinstance(action, str)}
        announced_together = len(actions) == 1 and isinstance(one["action_id"], str) and isinstance(other["action_id"], str)
        pairs.append(
            {
                "target": target,
                "first": one["party"],
                "then": other["party"],
                "day": one["day"],
                "days": apart,
                "recorded": "one act" if announced_together else "linked acts" if frozenset(actions) in linked else "",
            }
        )
listings = pd.DataFrame(pairs)
listings["parties"] = [" + ".join(sorted(pair)) for pair in zip(listings["first"], listings["then"], strict=True)]
# Several sanctions of two parties against one target give several pairs: the closest one stays.
listings = listings.sort_values(["days", "day", "first"]).drop_duplicates(["target", "parties"])
print(f"{len(listings)} pairs of parties and a target, {listings['target'].nunique()} targets")

# %% The answer: who lists together with whom
together = listings.groupby("parties").agg(
    targets=("target", "nunique"),
    same_day=("days", lambda days: int((days == 0).sum())),
    median_days=("days", "median"),
    recorded=("recorded", lambda words: int((words != "").sum())),
)
together = together.sort_values(["targets", "same_day"], ascending=False)
show(f"Parties that listed one target within {DAYS} days", together.head(12))

# %% Who moves first, where more than a day lies between
# One day may be a matter of paper: Canada's regulations on Xinjiang are dated 21 March 2021, and all four announced on the 22nd.
later = listings[listings["days"] > 1]
lead = later.groupby(["first", "then"]).agg(targets=("target", "nunique"), median_days=("days", "median"))
show("Who moved first, by more than a day", lead.sort_values(["targets", "median_days"], ascending=[False, True]).head(10))

# %% The targets that most parties listed within 30 days of the first one
groups = []
for (_, target), group in sanctions.groupby(["target_id", "target"]):
    first = group["day"].sort_values()
    best = max((group[(group["day"] >= day) & (group["day"] <= day + pd.Timedelta(days=DAYS))] for day in first),
               key=lambda part: part["party"].nunique())  # fmt: skip
    if best["party"].nunique() >= 3:
        order = best.sort_values("day").drop_duplicates("party")
        start = order["day"].min()
        when = ", ".join(f"{party} +{(day - start).days}" for party, day in zip(order["party"], order["day"], strict=True))
        groups.append({"target": target, "from": f"{start:%Y-%m-%d}", "parties": len(order), "days after the first": when})
widest = pd.DataFrame(groups).sort_values(["parties", "from", "target"], ascending=[False, True, True]).reset_index(drop=True)
show("Targets of three or more parties within 30 days", widest.head(15))

# %% How to read it
print("""
How to read it. `recorded` counts the targets whose coordination a source tells of: one act announced both listings, or a link
coordinated_with joins the acts that announced them. The others are only near in time: by silent agreement, imitation, a common
cause or chance. Two offices of one state are one party, so they are never coordinated with each other.
Limits. The demo has cases that were chosen because they are told of, so the shares say nothing about all sanctions. Whoever moves
first is not always followed: both may answer the same event. Sanctions whose day is not known are left out;
bi.coordinated_sanctions has them, with the least and the most days that may lie between.""")


# %% A chart, if matplotlib is there
def picture(axes: Any) -> None:
    shown = together.head(10).iloc[::-1]
    axes.barh(shown.index, shown["targets"], color="lightsteelblue", label=f"within {DAYS} days")
    axes.barh(shown.index, shown["same_day"], color="steelblue", label="on one day")
    axes.set_xlabel("targets")
    axes.set_title("Parties that list the same targets together")
    axes.legend()


draw("coordinated_listings", picture)
