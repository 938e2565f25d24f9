"""What each example claims to show is so, already in its quick mode."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from example_runs import FOLDER, Run


def test_the_article_learns_its_samples_and_writes_its_backpropagation(run_example: Run) -> None:
    losses, printed = run_example("article").result, run_example("article").printed
    assert losses[-1] < 0.9 * losses[0]
    assert "the derivatives by hand are those of the recorded graph" in printed
    assert "return loss, d_weights1, d_weights2" in printed


def test_no_straight_line_tells_xor_apart_and_every_bend_does(run_example: Run) -> None:
    losses = run_example("xor_activations").result
    straight = losses.pop("none")
    assert (straight > np.log(2) - 1e-9).all()  # no better than a coin
    for name, runs in losses.items():
        assert runs[:, -1].min() < 0.1, name


def test_a_rate_that_is_too_small_or_too_large_does_worse_than_the_one_found(
    run_example: Run,
) -> None:
    smallest, smaller, found, _, largest = (
        course[-1] for course in run_example("learning_rates").result.values()
    )
    assert found < smaller < smallest < largest


def test_the_spirals_are_told_apart(run_example: Run) -> None:
    assert run_example("spirals").result > 0.95
    frames = (run_example("spirals").out / "spirals.gif").read_bytes().count(b"\x21\xf9\x04")
    assert frames > 10


def test_the_convolutional_network_tells_most_digits_right(run_example: Run) -> None:
    assert run_example("image_classification").result > 0.5


def test_the_writer_soon_knows_more_than_how_often_letters_occur(run_example: Run) -> None:
    losses, tables = run_example("character_transformer").result
    assert np.mean(losses[-5:]) < tables["table of characters"] < losses[0]


def test_the_fables_are_a_text_to_learn_from() -> None:
    text = (FOLDER / "fables.txt").read_text(encoding="ascii")
    assert 3000 < len(text) < 5000
    assert all(len(paragraph) > 10 for paragraph in text.split("\n\n"))


@pytest.mark.parametrize(
    "way", ["Newton", "Newton, conjugate gradients", "the same in 50 dimensions"]
)
def test_newton_doubles_the_number_of_right_digits_at_the_end(way: str, run_example: Run) -> None:
    distances = [np.linalg.norm(x - 1) for x in run_example("newton").result[way]]
    assert distances[-1] < 1e-12
    near = [pair for pair in pairwise(distances) if 1e-7 < pair[0] < 1e-2]
    assert near
    for before, after in near:
        assert after < 1000 * before**2


def test_gradient_descent_is_still_on_its_way_then(run_example: Run) -> None:
    paths = run_example("newton").result
    slow, quick = paths["gradient descent"], paths["Newton"]
    assert len(slow) > 4 * len(quick)
    assert np.linalg.norm(slow[-1] - 1) > 0.1


def test_the_oscillator_moves_as_the_exact_solution_does(run_example: Run) -> None:
    assert run_example("oscillator").result < 0.1


def test_the_exact_solution_solves_the_equation(run_example: Run) -> None:
    module = run_example.module("oscillator")
    h, t = 1e-3, np.linspace(0.5, 9.5, 50)
    u, before, after = module.exact(t), module.exact(t - h), module.exact(t + h)
    velocity, acceleration = (after - before) / (2 * h), (after - 2 * u + before) / h**2
    left = acceleration + module.DAMPING * velocity + module.STIFFNESS * u
    np.testing.assert_allclose(left, 0, atol=1e-4)


def test_a_compiled_step_comes_to_the_same_losses(run_example: Run) -> None:
    module = run_example.module("compiled_training")
    batch = module.data.moons(32)
    both = [module.make_step(8, 0), module.tg.compile(module.make_step(8, 0))]
    losses = [[step(*batch).item() for _ in range(30)] for step in both]
    assert losses[0] == losses[1]
    assert losses[0][-1] < losses[0][0]


def test_two_numbers_that_are_learnt_say_more_than_two_principal_components(
    run_example: Run,
) -> None:
    error, linear_error = run_example("autoencoder").result
    assert error < linear_error


def test_what_was_resumed_is_what_was_not_interrupted(run_example: Run) -> None:
    through, resumed = run_example("resume_training").result
    for one, other in zip(through.parameters(), resumed.parameters()):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_the_new_activation_learns(run_example: Run) -> None:
    losses = run_example("new_activation").result
    assert losses[-1] < losses[0]


def test_the_articles_figures_are_all_drawn(run_example: Run) -> None:
    done = run_example("article_figures")
    assert set(done.result) == set(done.out.iterdir())
    assert len(done.result) == 7
    assert "output = model(x)" in (done.out / "explorer.html").read_text(encoding="utf-8")
