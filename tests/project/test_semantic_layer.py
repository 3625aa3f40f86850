"""The semantic layer has every metric; each measure is a published column."""

from __future__ import annotations

import csv
from typing import Any

import yaml

from tests.python.conftest import ROOT

FILES = sorted((ROOT / "models" / "semantic").glob("*.yml"))


def all_of(part: str) -> list[dict[str, Any]]:
    read = [yaml.safe_load(file.read_text("utf-8")) for file in FILES]
    return [one for content in read for one in content.get(part, [])]


def columns_of(mart: str) -> set[str]:
    [file] = (ROOT / "models" / "marts").glob(f"*/{mart}.yml")
    [model] = yaml.safe_load(file.read_text("utf-8"))["models"]
    return {column["name"] for column in model["columns"]}


def not_published(models: list[dict[str, Any]]) -> list[str]:
    wrong = []
    for model in models:
        columns = columns_of(model["model"].split("'")[1])
        used = [one.get("expr", one["name"]) for one in model["measures"]]
        used += [one["name"] for one in model["dimensions"]]
        wrong += [f"{model['name']}: {name}" for name in used if name not in columns]
    return wrong


def test_every_metric_is_in_the_semantic_layer() -> None:
    catalogue = ROOT / "seeds" / "reference" / "metric_catalogue.csv"
    with catalogue.open(encoding="utf-8", newline="") as lines:
        rows = {row["metric"]: row["label"] for row in csv.DictReader(lines)}
    there = {metric["name"]: metric["label"] for metric in all_of("metrics")}
    assert len(rows) > 20
    assert {name: there.get(name) for name in rows} == rows


def test_every_measure_is_a_published_column() -> None:
    models = all_of("semantic_models")
    assert len(models) > 15
    assert not_published(models) == []
    models[0]["measures"][0]["expr"] = "churned_customers / customers_at_start"
    assert len(not_published(models)) == 1
