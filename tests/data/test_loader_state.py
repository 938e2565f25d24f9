"""A loader that goes on from a saved state takes the samples that it would have taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import data
from tinygrad_edu.checkpoint import load, save
from tinygrad_edu.data import DataLoader
from tinygrad_edu.random import get_rng_state, manual_seed, set_rng_state

KINDS = ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]


def own(seed: int, kind: str = "PCG64") -> np.random.Generator:
    return np.random.Generator(getattr(np.random, kind)(seed))


class Backwards(data.Sampler):
    """A sampler of a program's own, which changes what another gives."""

    def __init__(self, sampler: Any) -> None:
        self.sampler = sampler

    def __iter__(self) -> Iterator[int]:
        return reversed(list(self.sampler))

    def __len__(self) -> int:
        return len(self.sampler)


N = range(40)
LOADERS: dict[str, Any] = {
    "in order": lambda s: DataLoader(N, 7),
    "shuffled": lambda s: DataLoader(N, 7, shuffle=True),
    "with a seed": lambda s: DataLoader(N, 7, shuffle=True, seed=s),
    "with a generator": lambda s: DataLoader(N, 7, shuffle=True, generator=own(s)),
    "without batches": lambda s: DataLoader(N, None, shuffle=True, seed=s),
    "RandomSampler": lambda s: DataLoader(N, 7, sampler=data.RandomSampler(N)),
    "RandomSampler, its own": lambda s: DataLoader(
        N, 7, sampler=data.RandomSampler(N, replacement=True, generator=own(s))
    ),
    "SubsetRandomSampler": lambda s: DataLoader(N, 7, sampler=data.SubsetRandomSampler(N)),
    "SubsetRandomSampler, its own": lambda s: DataLoader(
        N, 7, sampler=data.SubsetRandomSampler(N, own(s))
    ),
    "WeightedRandomSampler": lambda s: DataLoader(
        N, 7, sampler=data.WeightedRandomSampler(np.ones(40), 30)
    ),
    "WeightedRandomSampler, its own": lambda s: DataLoader(
        N, 7, sampler=data.WeightedRandomSampler(np.ones(40), 30, generator=own(s))
    ),
    "the sampler's before the loader's": lambda s: DataLoader(
        N, 7, sampler=data.SubsetRandomSampler(N, own(s)), generator=own(5)
    ),
    "BatchSampler": lambda s: DataLoader(
        N, batch_sampler=data.BatchSampler(data.RandomSampler(N), 7, True)
    ),
    "BatchSampler, its own": lambda s: DataLoader(
        N, batch_sampler=data.BatchSampler(data.RandomSampler(N, generator=own(s)), 7, True)
    ),
    "a sampler around another": lambda s: DataLoader(
        N, 7, sampler=Backwards(data.RandomSampler(N, generator=own(s)))
    ),
    "indices": lambda s: DataLoader(N, 7, sampler=[3, 1, 2]),
    **{
        kind: lambda s, kind=kind: DataLoader(N, 7, shuffle=True, generator=own(s, kind))
        for kind in KINDS
    },
}


def order(loader: DataLoader) -> list[int]:
    return [int(i) for batch in loader for i in np.ravel(batch)]


@pytest.mark.parametrize("name", LOADERS)
def test_a_loader_that_is_resumed_takes_the_same_samples(name: str, tmp_path: Path) -> None:
    manual_seed(1)
    loader = LOADERS[name](1)
    order(loader)
    save([loader.state_dict(), get_rng_state()], tmp_path / "it.npz")
    expected = [order(loader) for _ in range(3)]
    manual_seed(2)
    resumed = LOADERS[name](2)
    order(resumed)
    state, numbers = load(tmp_path / "it.npz")
    resumed.load_state_dict(state)
    set_rng_state(numbers)
    assert [order(resumed) for _ in range(3)] == expected


@pytest.mark.parametrize("name", LOADERS)
def test_only_numbers_of_its_own_are_in_the_state(name: str) -> None:
    loader = LOADERS[name](1)
    state = loader.state_dict()
    assert list(state) == ["generator"]
    before = get_rng_state()
    order(loader)
    takes_from_the_package = get_rng_state() != before
    is_random = order(loader) != order(loader)
    assert (state["generator"] is None) == (takes_from_the_package or not is_random)


def test_the_state_is_a_copy() -> None:
    loader = DataLoader(N, 7, shuffle=True, generator=own(0, "MT19937"))
    state = loader.state_dict()
    expected = order(loader)
    order(loader)
    loader.load_state_dict(state)
    assert order(loader) == expected
    loader.load_state_dict(state)
    assert order(loader) == expected


def broken(kind: str) -> Iterator[tuple[str, Any]]:
    """Make states that are none, or none of this kind."""
    good = own(3, kind).bit_generator.state
    other = own(3, "SFC64" if kind != "SFC64" else "PCG64").bit_generator.state
    yield "nothing", None
    yield "no dict", [1, 2]
    yield "another kind", other
    yield "no kind", {key: value for key, value in good.items() if key != "bit_generator"}
    yield "a kind and nothing else", {"bit_generator": kind}
    yield "words for numbers", {**good, "state": dict.fromkeys(good["state"], "x")}
    yield "an empty state", {**good, "state": {}}
    if isinstance(good["state"], dict):
        last = list(good["state"])[-1]
        yield "a part that is missing", {**good, "state": {**good["state"], last: None}}
    if kind == "MT19937":
        yield "too few words", {**good, "state": {"key": good["state"]["key"][:9], "pos": 3}}


@pytest.mark.parametrize(
    ("kind", "what"), [(kind, what) for kind in KINDS for what, _ in broken(kind)]
)
def test_a_state_that_does_not_fit_is_refused_and_nothing_changes(kind: str, what: str) -> None:
    loader = DataLoader(N, 7, shuffle=True, generator=own(1, kind))
    expected = order(DataLoader(N, 7, shuffle=True, generator=own(1, kind)))
    state = dict(broken(kind))[what]
    with pytest.raises(ValueError, match=r"state|random numbers"):
        loader.load_state_dict({"generator": state})
    assert order(loader) == expected


@pytest.mark.parametrize("state", [{}, [], None, {"sampler": None}, {"generator": None, "a": 1}])
def test_what_is_no_state_of_a_loader_is_refused(state: Any) -> None:
    with pytest.raises(ValueError, match=r"no state of random numbers.*state_dict\(\)"):
        DataLoader(N).load_state_dict(state)


def test_numbers_that_only_one_of_both_has_are_refused() -> None:
    with_seed, without = DataLoader(N, shuffle=True, seed=1), DataLoader(N, shuffle=True)
    with pytest.raises(ValueError, match=r"only the saved loader has .* seed="):
        without.load_state_dict(with_seed.state_dict())
    with pytest.raises(ValueError, match=r"only this loader has .* seed="):
        with_seed.load_state_dict(without.state_dict())


def test_another_kind_of_numbers_is_named() -> None:
    saved = DataLoader(N, shuffle=True, generator=own(1, "SFC64")).state_dict()
    with pytest.raises(ValueError, match=r"saved .* are of SFC64, and this loader's of PCG64;"):
        DataLoader(N, shuffle=True, seed=1).load_state_dict(saved)
