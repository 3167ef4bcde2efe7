"""Who sanctions whom?

Which parties have sanctions in force today, against the people, companies and institutions of which countries, and who
answers in kind?

    pip install ./clients/python[pandas]
    python examples/who_sanctions_whom.py      # or cell by cell in VS Code or Jupyter
"""

# %% The sanctions that are, or may be, in force on a day
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
from shared import IMPOSER, NOT_COUNTED, draw, imposing_parties, registry, show

demarche = registry()
DAY = datetime.now(UTC).date()

sanctions = demarche.sanctions.frame(
    {"in_force_on": DAY, "not.claim_status": NOT_COUNTED},
    include="imposer,target",
    fields=f"id,{IMPOSER},target.countries.code,grounds",
)
print(f"{len(sanctions)} sanctions are in force on {DAY}, imposed by {sanctions['imposer_id'].nunique()} bodies")

# %% Whose act each one is: OFAC and the Department of State are both the United States
sanctions["party"] = imposing_parties(demarche, sanctions)

# %% Against which country: each one that the target belongs to, or belonged to
edges = sanctions.assign(country=sanctions["target.countries.code"]).explode("country")
edges["country"] = edges["country"].fillna("(none)")

# %% The answer: parties in rows, countries of targets in columns
matrix = edges.groupby(["party", "country"])["id"].nunique().unstack(fill_value=0)
rows = matrix.sum(axis=1).sort_values(ascending=False).index[:9]
columns = matrix.sum().sort_values(ascending=False).index[:12]
table = matrix.loc[rows, columns].assign(all=sanctions.groupby("party")["id"].nunique())
show("Sanctions in force, by who imposed them and by the target's country; `all` counts those of every country", table)

# %% Who answers in kind: pairs that sanction each other
counts = {
    (str(party), str(country)): int(number)
    for party, row in matrix.to_dict("index").items()
    for country, number in row.items()
    if number
}
mutual = pd.DataFrame(
    [(one, other, counts[one, other], counts[other, one]) for one, other in counts if one < other and (other, one) in counts],
    columns=["one", "other", "one against other", "other against one"],
)
show("Pairs with sanctions in force both ways", mutual.sort_values("one against other", ascending=False).reset_index(drop=True))

# %% What for: the three most frequent grounds of each of the largest parties
grounds = sanctions.explode("grounds").groupby("party")["grounds"].value_counts()
most = {party: ", ".join(f"{ground} {number}" for ground, number in grounds[party].head(3).items()) for party in rows[:6]}
show("Their most frequent grounds (a sanction may have several)", pd.Series(most, name="grounds"))

# %% How to read it
print("""
How to read it. A number counts sanctions: one imposer's measures against one target. The row EU is what the Council imposed, not
what the members of the Union did; what the Security Council imposes (UN) binds all states. A target counts under every country
that it belongs to, and is not always on that country's side: under UA, the sanctions of the United States and the European Union
are on leaders and bodies of occupied Crimea, Donetsk and Luhansk, and on Viktor Yanukovych; those of Russia are on Ukraine.
Limits. The demo has cases, not whole lists: the real list of OFAC has thousands of entries. So the table says who answers whom,
and not who sanctions most. Whether a sanction is in force follows from its dates: one that was lifted without a record of it
still counts. One whose days are known only partly counts if it may be in force (`certain=True` leaves it out). A target that
changed its country counts under the former one too; the filter `target_country` takes that of the day the sanction began.""")


# %% A chart, if matplotlib is there
def picture(axes: Any) -> None:
    shown = matrix.loc[rows, columns]
    axes.imshow(shown.clip(upper=40), cmap="Blues", aspect="auto")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), [str(row)[:30] for row in rows])
    for y, row in enumerate(shown.to_numpy()):
        for x, number in enumerate(row):
            if number:
                axes.text(x, y, number, ha="center", va="center", color="white" if number > 25 else "black")
    axes.set_title(f"Sanctions in force on {DAY}: imposing party and country of the target")


draw("who_sanctions_whom", picture)
