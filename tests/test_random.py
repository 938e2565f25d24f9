"""The package's random numbers: one stream, its seed, and nobody else's."""

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.random import default_generator, get_rng_state, manual_seed, set_rng_state


def test_the_same_seed_gives_the_same_model_and_another_seed_another():
    states = []
    for seed in (1, 1, 2):
        manual_seed(seed)
        states.append(nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1)).state_dict())
    assert all(np.array_equal(states[0][key], states[1][key]) for key in states[0])
    assert not np.array_equal(states[0]["0.weight"], states[2]["0.weight"])


def test_layers_made_one_after_the_other_differ():
    manual_seed(0)
    assert not np.array_equal(nn.Linear(3, 4).weight.numpy(), nn.Linear(3, 4).weight.numpy())


def test_a_state_taken_back_repeats_what_came_after_it():
    manual_seed(3)
    default_generator().random(5)
    state = get_rng_state()
    expected = default_generator().random(5)
    set_rng_state(state)
    assert np.array_equal(default_generator().random(5), expected)


def test_a_state_does_not_move_on_with_the_generator():
    manual_seed(3)
    state = get_rng_state()
    expected = default_generator().random()
    default_generator().random(100)
    set_rng_state(state)
    assert default_generator().random() == expected


def test_a_state_is_nested_dicts_of_numbers_and_strings():
    def plain(value):
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(each) for key, each in value.items())
        return type(value) in (int, str)

    assert plain(get_rng_state())


HALF_A_STATE = {"bit_generator": "PCG64", "state": {"state": 1, "inc": 1}}


@pytest.mark.parametrize(
    "state", [None, {}, {"bit_generator": "MT19937"}, 5, "PCG64", HALF_A_STATE]
)
def test_what_is_no_state_is_refused_and_changes_nothing(state):
    manual_seed(4)
    before = get_rng_state()
    with pytest.raises(ValueError, match="get_rng_state"):
        set_rng_state(state)
    assert get_rng_state() == before


def test_a_seed_is_an_integer_from_zero_on():
    with pytest.raises(ValueError, match="-1"):
        manual_seed(-1)
    for seed in (None, 1.5, "1"):
        with pytest.raises(TypeError):
            manual_seed(seed)


def test_numpys_global_state_is_neither_read_nor_written():
    def legacy():
        return repr(np.random.get_state(legacy=False))

    before, state = legacy(), np.random.get_state(legacy=False)
    generator = manual_seed(0)
    first = nn.Linear(3, 4).weight.numpy()
    set_rng_state(get_rng_state())
    assert legacy() == before
    np.random.seed(12345)
    try:
        manual_seed(0)
        assert np.array_equal(nn.Linear(3, 4).weight.numpy(), first)
        assert generator is not default_generator()
    finally:
        np.random.set_state(state)


def test_a_generator_that_is_given_is_the_one_that_is_used():
    own = np.random.default_rng(0)
    assert default_generator(own) is own
    assert manual_seed(1) is default_generator()
