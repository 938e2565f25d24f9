"""A graph as plain values: after its schema, writable as JSON, the same in every process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.draw import graph
from tinygrad_edu.draw.as_json import SCHEMA, array_to_json

NODE_KEYS = {
    "id", "role", "name", "op", "symbol", "formula", "call", "module", "shape", "dtype", "value",
    "gradient", "gradient_note", "rules", "settings", "line", "inputs",
}  # fmt: skip


def test_a_graph_has_all_that_the_schema_says_and_nothing_else(article) -> None:
    document = graph(article["loss"], names=article).to_json()
    assert document["schema"] == "tinygrad_edu.graph/1"
    assert set(document) == {
        "schema", "output", "outputs", "gradients", "caption", "calls", "nodes", "edges",
        "backward",
    }  # fmt: skip
    for node in document["nodes"]:
        assert set(node) == NODE_KEYS
    for edge in document["edges"]:
        assert set(edge) == {"id", "source", "target", "argument", "position", "contribution"}
    for key in {*document, *NODE_KEYS, "contribution", "histogram", "nonfinite"}:
        assert f"`{key}`" in SCHEMA or f'`"{key}"`' in SCHEMA


def test_ids_are_positions_and_inputs_come_before_their_users(article) -> None:
    document = graph(article["loss"]).to_json()
    for key in ("nodes", "edges", "calls"):
        assert [each["id"] for each in document[key]] == list(range(len(document[key])))
    assert all(i < node["id"] for node in document["nodes"] for i in node["inputs"])
    assert document["nodes"][document["output"]]["role"] == "result"


def test_it_survives_json_unchanged(article) -> None:
    document = graph(article["loss"]).to_json()
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_the_rules_of_a_call_bear_the_names_of_its_edges() -> None:
    a = tg.Tensor([1.0], requires_grad=True)
    document = graph(np.stack([a, a * 2]).sum()).to_json()
    (stack,) = (node for node in document["nodes"] if node["op"] == "stack")
    arguments = {edge["argument"] for edge in document["edges"] if edge["target"] == stack["id"]}
    assert set(stack["rules"]) == arguments


def test_numbers_that_json_does_not_have_are_strings() -> None:
    array = np.array([np.nan, np.inf, -np.inf, 1.0])
    assert array_to_json(array, 10)["values"] == ["nan", "inf", "-inf", 1.0]
    assert array_to_json(np.array([1 + 2j]), 10)["values"] == ["(1+2j)"]
    assert array_to_json(np.array([True]), 10)["values"] == [True]
    assert array_to_json(np.array(np.nan), 10)["values"] == "nan"


def test_a_large_array_is_summarised_by_its_finite_numbers() -> None:
    array = np.append(np.arange(100.0), [np.nan, np.inf])
    found = array_to_json(array, 10)
    assert "values" not in found
    assert (found["min"], found["mean"], found["max"], found["nonfinite"]) == (0.0, 49.5, 99.0, 2)
    assert sum(found["histogram"]["counts"]) == 100
    assert len(found["histogram"]["edges"]) == len(found["histogram"]["counts"]) + 1


@pytest.mark.parametrize(
    "array",
    [
        np.full(50, np.nan), np.full(50, 3.0), np.array([1e308, -1e308] * 9), np.zeros(50, bool),
        np.arange(50) * 1j, np.array([1.0, np.nextafter(1, 2)] * 9), np.full(50, 1e308),
        np.arange(50, dtype=np.float16),
    ],
)  # fmt: skip
def test_any_array_has_a_summary(array: Any) -> None:
    found = array_to_json(array, 10)
    json.dumps(found, allow_nan=False)
    assert sum(found["histogram"]["counts"]) == np.isfinite(array).sum()


def test_how_much_is_written_out_can_be_chosen(article) -> None:
    values = [n["value"] for n in graph(article["loss"]).to_json(full=4)["nodes"]]
    assert all(("values" in v) == (np.prod(v["shape"]) <= 4) for v in values)


PROGRAM = """
import json, numpy as np, tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw import graph
w = tg.Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
model = nn.Sequential(nn.Linear(3, 3), np.tanh, nn.LayerNorm(3))
for parameter in model.parameters():
    parameter.data = np.ones(parameter.shape) / 2
y = (model(np.exp(w * 0.1)) @ np.ones((3, 2))).mean()
run = graph(y, names={"a": w})
print(json.dumps(run.to_json()), ascii(run.digraph(show_backward=True, depth=1).source))
"""


def test_the_same_run_gives_the_same_text_in_every_process() -> None:
    texts = {
        subprocess.run(
            [sys.executable, "-c", before + PROGRAM],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
            capture_output=True,
            check=True,
        ).stdout
        for before, seed in (("", "1"), ("import tinygrad_edu as t; t.Tensor(1.) * 2;", "2"))
    }
    assert len(texts) == 1
    assert not re.search(rb"0x[0-9a-f]{6}", texts.pop())
