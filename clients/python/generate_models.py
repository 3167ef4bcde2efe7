"""Writes src/demarche/models.py from the OpenAPI document of the server.

    pip install -e '.[models]'
    python generate_models.py            # from tests/it/snapshots/openapi.snap of the repository
    python generate_models.py --check    # says whether models.py is stale; needs no generator

The snapshot is the server's own document: a test of the server compares the two.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
SNAPSHOT = FOLDER.parents[1] / "tests/it/snapshots/openapi.snap"
MODELS = FOLDER / "src/demarche/models.py"
MARK = "#   shapes: "

# Where TypedDict has nothing to say: descriptions of rules, which the server checks.
SILENT = {
    "description",
    "example",
    "examples",
    "pattern",
    "format",
    "minLength",
    "maxLength",
    "maxItems",
    "minItems",
} | {
    "minimum",
    "maximum",
    "additionalProperties",
    "propertyNames",
}


def schemas() -> dict[str, Any]:
    """Returns the schemas of the document as the generator gets them."""
    text = SNAPSHOT.read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text[text.index("{") :])["components"]["schemas"]
    # A page is generic: `demarche.Page[Sanction]`.
    kept = {name: schema for name, schema in found.items() if not name.startswith("Page_")}
    for name, schema in list(kept.items()):
        open_up(schema)
        # An object among the forms of a value gets a name that says whose it is: ReferenceObject.
        for index, form in enumerate(schema.get("oneOf", [])):
            if form.get("type") == "object":
                kept[f"{name}Object"] = form
                schema["oneOf"][index] = {"$ref": f"#/components/schemas/{name}Object"}
    return dict(sorted(kept.items()))


def open_up(schema: Any) -> None:
    """Removes `additionalProperties: false`: a newer server may know more fields than these models."""
    if isinstance(schema, dict):
        if schema.get("additionalProperties") is False:
            del schema["additionalProperties"]
        for inner in schema.values():
            open_up(inner)
    elif isinstance(schema, list):
        for inner in schema:
            open_up(inner)


def shapes(schema: Any, *, names: bool = False) -> Any:
    """Returns what of a schema decides its type. `names` is true for a mapping whose keys are names of fields."""
    if isinstance(schema, dict):
        return {
            key: shapes(inner, names=not names and key == "properties")
            for key, inner in schema.items()
            if names or key not in SILENT
        }
    if isinstance(schema, list):
        return [shapes(inner) for inner in schema]
    return schema


def digest(found: dict[str, Any]) -> str:
    """Returns a digest of all shapes. Another description alone does not change it."""
    text = json.dumps({name: shapes(schema) for name, schema in found.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def is_stale() -> bool:
    """Returns whether the document has other shapes than the one from which models.py was made."""
    return f"{MARK}{digest(schemas())}\n" not in MODELS.read_text(encoding="utf-8")


def generate() -> None:
    """Writes models.py with datamodel-code-generator."""
    found = schemas()
    document = {"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {}, "components": {"schemas": found}}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "openapi.json", Path(folder) / "models.py"
        source.write_text(json.dumps(document), encoding="utf-8")
        subprocess.run(
            [
                *(sys.executable, "-m", "datamodel_code_generator"),
                *("--input", str(source), "--input-file-type", "openapi", "--openapi-scopes", "schemas"),
                *("--output", str(target), "--output-model-type", "typing.TypedDict"),
                *("--target-python-version", "3.11", "--enum-field-as-literal", "all"),
                *("--use-schema-description", "--use-field-description"),
                *("--use-standard-collections", "--use-union-operator", "--disable-timestamp"),
                *("--formatters", "black", "isort"),
                *("--custom-file-header", header(found)),
            ],
            check=True,
        )
        MODELS.write_text(target.read_text(encoding="utf-8"), encoding="utf-8")


def header(found: dict[str, Any]) -> str:
    """Returns the first lines of models.py."""
    return (
        '"""The shapes of requests and responses. Generated from the OpenAPI document: do not edit."""\n\n'
        "# Made by clients/python/generate_models.py from tests/it/snapshots/openapi.snap.\n"
        f"{MARK}{digest(found)}\n"
    )


def main() -> int:
    """Generates the models, or checks them."""
    arguments = argparse.ArgumentParser(description="Write src/demarche/models.py from the OpenAPI document")
    arguments.add_argument("--check", action="store_true", help="write nothing; exit with 1 if models.py is stale")
    if not arguments.parse_args().check:
        generate()
        return 0
    if is_stale():
        print("src/demarche/models.py is stale: run `just models`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
