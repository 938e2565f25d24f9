"""The recorded graph must agree with the backpropagation that was derived by hand."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.article import (
    ArticleNetwork,
    Contender,
    DivergenceError,
    HandDerivedNetwork,
    RawNetwork,
    X,
    Y,
    compare,
    composed,
    set_weights,
)
from tinygrad_edu.article.compare import ulp_distance

VARIATIONS: list[dict[str, Any]] = [
    {"hidden": (4, 4)},
    {"hidden": (3, 5, 2), "bias": True},
    {"hidden": (6,), "activation": "tanh", "learning_rate": 0.1},
    {"hidden": (6, 4), "activation": ("relu", "tanh"), "learning_rate": 0.01, "bias": True},
]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def test_the_formulas_of_the_article_are_the_generalized_ones() -> None:
    """Written down once more for two layers, as the article has them."""
    network = HandDerivedNetwork(seed=3)
    weights1, weights2 = network.weights
    layer1 = sigmoid(np.dot(X, weights1))
    output = sigmoid(np.dot(layer1, weights2))
    error = 2 * (Y - output) * (output * (1 - output))
    d_weights2 = np.dot(layer1.T, error)
    d_weights1 = np.dot(X.T, np.dot(error, weights2.T) * (layer1 * (1 - layer1)))
    (found1, found2), _ = network.backprop()
    np.testing.assert_array_equal(found1, d_weights1)
    np.testing.assert_array_equal(found2, d_weights2)


@pytest.mark.parametrize("seed", range(20))
def test_raw_products_follow_the_hand_derived_network_bit_for_bit(seed: int) -> None:
    result = compare(
        HandDerivedNetwork(seed=seed), Contender.raw(HandDerivedNetwork(seed=seed)), range(1500)
    )
    differences = [*result.gradients.values(), result.weights, result.loss, result.predictions]
    assert len(differences) == 5
    assert all(each.absolute == 0 and each.ulp == 0 for each in differences)
    assert result.monotone
    assert result.losses[-1] < 0.05


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["Sequential", "Module"])
def test_modules_follow_the_hand_derived_network(seed: int, kind: str) -> None:
    like = HandDerivedNetwork(seed=seed)
    network: Any = composed(like) if kind == "Sequential" else ArticleNetwork()
    set_weights(network, like)
    result = compare(like, Contender.of_modules(network, like), range(1500))
    differences = [*result.gradients.values(), result.weights, result.loss, result.predictions]
    assert len(differences) == 5
    assert all(each.relative <= 1e-12 for each in differences)


@pytest.mark.parametrize("options", VARIATIONS)
def test_other_networks_follow_theirs(options: dict[str, Any]) -> None:
    def network() -> HandDerivedNetwork:
        return HandDerivedNetwork(seed=1, **options)

    raw = compare(network(), Contender.raw(network()), range(200))
    modules = compare(network(), Contender.of_modules(composed(network()), network()), range(200))
    for name, by_raw in raw.gradients.items():
        assert by_raw.ulp == 0, name
        assert modules.gradients[name].relative <= 1e-12


def test_a_wrong_formula_is_noticed() -> None:
    class Mistaken(HandDerivedNetwork):
        def backprop(self) -> Any:
            d_weights, d_biases = super().backprop()
            return [d * 1.000001 for d in d_weights], d_biases

    result = compare(Mistaken(), Contender.raw(HandDerivedNetwork()), range(3))
    assert all(each.relative > 1e-7 and each.ulp > 10**6 for each in result.gradients.values())


def test_training_that_leaves_the_numbers_behind_is_stopped() -> None:
    network = HandDerivedNetwork()
    network.weights[1][0] = np.nan
    with pytest.raises(DivergenceError, match="nan after 0 iterations"):
        compare(network, Contender.raw(network), range(3))


def test_the_raw_network_names_what_the_article_names() -> None:
    network = RawNetwork(HandDerivedNetwork())
    loss = network.loss()
    loss.backward()
    assert loss.name == "loss"
    assert [w.name for w in network.weights] == ["weights1", "weights2"]
    assert network.weights[0].grad is not None
    assert network.weights[0].grad.shape == (3, 4)


@pytest.mark.parametrize(
    ("a", "b", "count"),
    [(1.0, 1.0, 0), (1.0, np.nextafter(1.0, 2), 1), (0.0, -0.0, 0), (-5e-324, 5e-324, 2)],
)
def test_ulp_distance_counts_floating_point_numbers(a: float, b: float, count: int) -> None:
    assert ulp_distance(np.array([a]), np.array([b])) == count


def test_the_oracle_knows_nothing_of_tensors() -> None:
    tree = ast.parse(Path(inspect.getfile(HandDerivedNetwork)).read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module)
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    assert imported == {"__future__", "collections.abc", "itertools", "typing", "numpy"}
