"""The generated models and the server's document."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(FOLDER))

import generate_models  # noqa: E402 - it lies beside the package


@pytest.mark.skipif(not generate_models.SNAPSHOT.exists(), reason="tests/it/snapshots of the repository is not here")
def test_the_models_have_the_shapes_of_the_document() -> None:
    assert not generate_models.is_stale(), "src/demarche/models.py is stale: run `just models` and commit it"


@pytest.mark.skipif(not generate_models.SNAPSHOT.exists(), reason="tests/it/snapshots of the repository is not here")
def test_another_description_makes_no_model_stale() -> None:
    found = generate_models.schemas()
    before = generate_models.digest(found)
    found["Sanction"]["description"] = "another one"
    found["Sanction"]["properties"]["grounds"]["description"] = "another one"
    assert generate_models.digest(found) == before
    del found["Sanction"]["properties"]["grounds"]
    assert generate_models.digest(found) != before
    # Names of fields are no keywords: `description` and `format` are fields of records.
    before = generate_models.digest(found)
    del found["Actor"]["properties"]["description"]
    assert generate_models.digest(found) != before
