"""Every loss gives PyTorch's numbers and gradients, in all options."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import classification_loss, distance_loss, loss, margin_loss
from tinygrad_edu.nn.functional import classification_loss as choices, distance_loss as distances

torch = pytest.importorskip("torch", reason="holds this package against PyTorch")

GENERATOR = np.random.default_rng(0)
REDUCTIONS = ("mean", "sum", "none")
A, B, C = (GENERATOR.normal(size=(4, 3)) for _ in range(3))
P, Q = (GENERATOR.uniform(0.05, 0.95, size=(4, 3)) for _ in range(2))
HALF = np.array([[0.0, 0.5, 1.0]] * 4)  # on the kinks
SIGNS = np.array([1.0, -1.0, -1.0, 1.0])
SIGN_GRID = np.where(A > 0, 1.0, -1.0)
LABELS = np.array([2, 0, 1, 2])
PIXELS = GENERATOR.normal(size=(2, 3, 2, 2))
PIXEL_LABELS = GENERATOR.integers(0, 3, size=(2, 2, 2))
SHARES = GENERATOR.dirichlet(np.ones(3), size=4)
PIXEL_SHARES = np.moveaxis(GENERATOR.dirichlet(np.ones(3), size=(2, 2, 2)), -1, 1)
WEIGHT = np.array([0.2, 1.5, 0.7])

Case = tuple[str, dict[str, Any], tuple[Any, ...]]
CASES: list[Case] = [
    ("MSELoss", {}, (A, B)),
    ("L1Loss", {}, (A, B)),
    ("L1Loss", {}, (A, A)),
    ("SmoothL1Loss", {}, (3 * A, B)),
    ("SmoothL1Loss", {"beta": 0.5}, (A, B)),
    ("SmoothL1Loss", {"beta": 0.5}, (HALF, 0 * HALF)),
    ("SmoothL1Loss", {"beta": 0.0}, (A, B)),
    ("HuberLoss", {}, (3 * A, B)),
    ("HuberLoss", {"delta": 0.5}, (HALF, 0 * HALF)),
    ("PoissonNLLLoss", {}, (A, 10 * P)),
    ("PoissonNLLLoss", {"full": True}, (A, 3 * P)),
    ("PoissonNLLLoss", {"log_input": False, "eps": 1e-3}, (P, 10 * Q)),
    ("GaussianNLLLoss", {}, (A, B, P)),
    ("GaussianNLLLoss", {"full": True}, (A, B, P[:, :1])),
    ("GaussianNLLLoss", {"eps": 0.3}, (A, B, P[:, 0])),
    ("BCELoss", {}, (P, Q)),
    ("BCELoss", {"weight": WEIGHT}, (P, Q)),
    ("BCEWithLogitsLoss", {}, (A, Q)),
    ("BCEWithLogitsLoss", {"weight": WEIGHT}, (A, Q)),
    ("BCEWithLogitsLoss", {"pos_weight": WEIGHT}, (1e4 * A, Q)),
    ("BCEWithLogitsLoss", {"pos_weight": WEIGHT, "weight": Q}, (A, HALF)),
    ("KLDivLoss", {}, (A, SHARES)),
    ("KLDivLoss", {}, (A, np.eye(4, 3))),
    ("KLDivLoss", {"log_target": True}, (A, B)),
    ("HingeEmbeddingLoss", {}, (3 * P, SIGN_GRID)),
    ("HingeEmbeddingLoss", {"margin": 0.5}, (HALF, -np.ones((4, 3)))),
    ("MarginRankingLoss", {}, (A, B, SIGN_GRID)),
    ("MarginRankingLoss", {"margin": 0.5}, (HALF, 0 * HALF, np.ones((4, 3)))),
    ("MarginRankingLoss", {"margin": 0.5}, (A[0], B[0], np.ones(1))),
    ("MarginRankingLoss", {}, (A, B, SIGNS[:, None])),
    ("SoftMarginLoss", {}, (A, SIGN_GRID)),
    ("SoftMarginLoss", {}, (1e3 * A, SIGN_GRID)),
    ("MultiMarginLoss", {}, (A, LABELS)),
    ("MultiMarginLoss", {}, (HALF, LABELS)),
    ("MultiMarginLoss", {"p": 2, "margin": 0.5, "weight": WEIGHT}, (A, LABELS)),
    ("MultiMarginLoss", {"p": 2}, (A[0], np.array(1))),
    ("MultiLabelSoftMarginLoss", {}, (A, Q)),
    ("MultiLabelSoftMarginLoss", {"weight": WEIGHT}, (A, HALF)),
    ("MultiLabelSoftMarginLoss", {}, (A[0], HALF[0])),
    ("CosineEmbeddingLoss", {}, (A, B, SIGNS)),
    ("CosineEmbeddingLoss", {"margin": -0.5}, (A, B, SIGNS)),
    ("CosineEmbeddingLoss", {"margin": -0.9}, (A[0], B[0], np.array(-1.0))),
    ("TripletMarginLoss", {}, (A, B, C)),
    ("TripletMarginLoss", {"p": 1.0, "margin": 2.0, "eps": 1e-3}, (A, B, C)),
    ("TripletMarginLoss", {"p": 3.0, "swap": True}, (A, B, C)),
    ("TripletMarginLoss", {}, (A[0], B[0], C[0])),
]
for x, labels in ((A, LABELS), (A[0], np.array(1)), (PIXELS, PIXEL_LABELS)):
    for settings in (
        {},
        {"weight": WEIGHT},
        {"ignore_index": 2},
        {"ignore_index": 0, "weight": WEIGHT},
    ):
        CASES.append(("NLLLoss", settings, (x, labels)))
        CASES.append(("CrossEntropyLoss", settings, (x, labels)))
        CASES.append(("CrossEntropyLoss", {"label_smoothing": 0.3, **settings}, (x, labels)))
for x, shares in ((A, SHARES), (A[0], SHARES[0]), (PIXELS, PIXEL_SHARES)):
    for settings in ({}, {"weight": WEIGHT}, {"label_smoothing": 0.2, "weight": WEIGHT}):
        CASES.append(("CrossEntropyLoss", settings, (x, shares)))


def named(name: str) -> Any:
    homes = (loss, classification_loss, distance_loss, margin_loss)
    return next(getattr(home, name) for home in homes if hasattr(home, name))


def leaves(arrays: tuple[Any, ...], make: Any) -> list[Any]:
    """Let everything learn that is not a target of whole numbers."""
    return [
        make(a, a.dtype.kind == "f" and not set(np.unique(a)) <= {-1.0, 0.0, 1.0}) for a in arrays
    ]


def assert_same(ours: Any, theirs: Any, arrays: tuple[Any, ...]) -> None:
    here = leaves(arrays, lambda a, learns: tg.Tensor(a, requires_grad=learns))
    there = leaves(arrays, lambda a, learns: torch.tensor(a, requires_grad=learns))
    y, y_there = ours(*here), theirs(*there)
    np.testing.assert_allclose(y.numpy(), y_there.detach().numpy(), rtol=1e-10, atol=1e-12)
    dy = np.random.default_rng(1).normal(size=y.shape)
    y.backward(dy)
    y_there.backward(torch.tensor(dy))
    for x, x_there in zip(here, there):
        if x.requires_grad:
            expected = x_there.grad.numpy()
            np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("name", "settings", "arrays"), CASES)
def test_losses_and_all_gradients_are_the_same(
    name: str, settings: dict[str, Any], arrays: tuple[Any, ...], reduction: str
) -> None:
    given = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in settings.items()}
    ours = named(name)(**settings, reduction=reduction)
    theirs = getattr(torch.nn, name)(**given, reduction=reduction)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    if reduction == "mean" and np.array_equal(arrays[-1], settings.get("ignore_index")):
        with pytest.raises(ValueError, match="no mean"):  # where PyTorch gives NaN
            ours(*arrays)
    else:
        assert_same(ours, theirs, arrays)


def test_where_the_logarithms_of_bce_stop_the_gradient_has_the_same_bound() -> None:
    p = np.array([0.0, 0.0, 1.0, 1.0])
    here, there = tg.Tensor(p, requires_grad=True), torch.tensor(p, requires_grad=True)
    target = np.array([1.0, 0.0, 0.0, 1.0])
    ours = choices.binary_cross_entropy(here, target, reduction="sum")
    theirs = torch.nn.functional.binary_cross_entropy(there, torch.tensor(target), reduction="sum")
    assert ours.item() == theirs.item() == 200
    ours.backward()
    theirs.backward()
    # the bound is 1e-12 here, and there the float32 that is nearest to it
    np.testing.assert_allclose(here.grad.numpy(), there.grad.numpy(), rtol=5e-9)


def test_batchmean_divides_by_the_first_size() -> None:
    for log_target in (False, True):
        ours = classification_loss.KLDivLoss("batchmean", log_target)
        theirs = torch.nn.KLDivLoss(reduction="batchmean", log_target=log_target)
        assert_same(ours, theirs, (A, SHARES))


@pytest.mark.parametrize("name", sorted({name for name, _, _ in CASES}))
def test_the_defaults_are_the_same(name: str) -> None:
    ours, theirs = named(name)(), getattr(torch.nn, name)()
    for setting, value in vars(theirs).items():
        if not setting.startswith("_") and setting != "training":
            assert getattr(ours, setting) == value


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("cosine_similarity", {}),
        ("cosine_similarity", {"dim": 0, "eps": 1.0}),
        ("pairwise_distance", {}),
        ("pairwise_distance", {"p": 1.0, "eps": 0.1, "keepdim": True}),
        ("pairwise_distance", {"p": 3.0}),
    ],
)
@pytest.mark.parametrize("x2", [B, B[:1], 0 * B])
def test_distances_are_the_same(name: str, settings: dict[str, Any], x2: Any) -> None:
    ours, theirs = getattr(distances, name), getattr(torch.nn.functional, name)
    assert_same(lambda a, b: ours(a, b, **settings), lambda a, b: theirs(a, b, **settings), (A, x2))


@pytest.mark.parametrize("settings", [{}, {"p": 1.0, "dim": 0}, {"eps": 10.0}, {"p": 3.0}])
@pytest.mark.parametrize("x", [A, A * [[0], [1], [1], [1]]], ids=["anywhere", "zero"])
def test_normalize_is_the_same(settings: dict[str, Any], x: Any) -> None:
    ours, theirs = distances.normalize, torch.nn.functional.normalize
    assert_same(lambda a: ours(a, **settings), lambda a: theirs(a, **settings), (x,))


def test_modules_of_distances_are_the_same() -> None:
    for name in ("CosineSimilarity", "PairwiseDistance"):
        ours, theirs = named(name)(), getattr(torch.nn, name)()
        assert repr(ours) == repr(theirs)
        assert_same(ours, theirs, (A, B))


def test_arguments_have_the_same_order() -> None:
    weight = torch.tensor(WEIGHT)
    ours = choices.binary_cross_entropy(P, Q, WEIGHT)
    theirs = torch.nn.functional.binary_cross_entropy(torch.tensor(P), torch.tensor(Q), weight)
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-10)
    ours = choices.cross_entropy(A, LABELS, WEIGHT)
    theirs = torch.nn.functional.cross_entropy(torch.tensor(A), torch.tensor(LABELS), weight)
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-10)


@pytest.mark.filterwarnings("ignore:size_average and reduce args:UserWarning")
@pytest.mark.parametrize("size_average", [None, True, False])
@pytest.mark.parametrize("reduce", [None, True, False])
@pytest.mark.parametrize("name", sorted({name for name, _, _ in CASES}))
def test_the_arguments_of_old_programs_mean_what_they_mean_to_torch(
    name: str, size_average: bool | None, reduce: bool | None
) -> None:
    if name in ("HuberLoss", "GaussianNLLLoss"):  # which are younger
        return
    given: dict[str, Any] = {"size_average": size_average, "reduce": reduce}
    assert named(name)(**given).reduction == getattr(torch.nn, name)(**given).reduction
