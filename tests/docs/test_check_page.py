"""docs/check.md names every check, and its schema is the one that ships."""

import json
import re
from pathlib import Path

import jsonschema

from kling_post.checks.registry import all_checks
from kling_post.reports.check_json import check_schema

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "check.md").read_text(encoding="utf-8")


def test_every_check_stands_in_the_table_once() -> None:
    table = GUIDE.split("## What is looked at")[1].split("`--request`")[0]
    assert sorted(re.findall(r"`(\w+)`", table)) == sorted(all_checks())


def test_the_published_schema_is_the_one_that_ships() -> None:
    assert json.loads((DOCS / "check.schema.json").read_text(encoding="utf-8")) == check_schema()


def test_the_example_has_the_published_shape() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    shown = json.loads(block.replace('"sha256": "…"', f'"sha256": "{"0" * 64}"'))
    jsonschema.validate(shown, check_schema())
