"""The gate that every op must pass. A new op is tested by being there, with its sample calls.

What is demanded of it is said in ``laws.py``. A new op also needs a line in ``error_samples.py``,
and one in ``test_registry_torch.py``. Next: ``mutation/``, which measures how much the gate sees.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import laws
import numpy as np
import pytest
from error_samples import ERRORS, Wrong
from samples import OPS, calls, rules_of

import tinygrad_edu as tg
from tinygrad_edu.cases import Case
from tinygrad_edu.op import REGISTRY, Op, RuleOfEach

Checked = Callable[..., None]

EVERY_OP = [pytest.param(op, id=name) for name, op in OPS.items()]
CALLS = calls()
KINKS = [
    pytest.param(op, kink, id=f"{name}-{kink.at}") for name, op in OPS.items() for kink in op.kinks
]
WRONG_CALLS = [
    pytest.param(OPS[name], sample, id=f"{name}-{number}")
    for name, samples in ERRORS.items()
    if name in OPS
    for number, sample in enumerate(samples)
]


def has_several(op: Op, case: Case) -> bool:
    return isinstance(op.forward(*laws.draw(case), **case.settings), tuple)


@pytest.mark.parametrize("op", EVERY_OP)
def test_every_op_brings_enough_samples_and_a_wrong_call(op: Op, checked: Checked) -> None:
    lacks = []
    if len(op.cases) < 7:
        lacks.append(f"{7 - len(op.cases)} more case(...) in its cases=")
    if not ERRORS.get(op.name):
        lacks.append("a wrong call in tests/error_samples.py")
    assert not lacks, f"the op {op.name} still lacks {' and '.join(lacks)}"
    checked("ops")


def test_the_tables_name_no_op_that_is_gone() -> None:
    tables = {
        "ERRORS": ERRORS, "NOT_ANALYTIC": laws.NOT_ANALYTIC, "REAL_ONLY": laws.REAL_ONLY,
        "WITHOUT_PHASES": laws.WITHOUT_PHASES,
    }  # fmt: skip
    gone = {key: sorted(set(names) - set(OPS)) for key, names in tables.items()}
    assert not any(gone.values()), gone


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_a_recorded_call_computes_what_the_plain_function_does(
    op: Op, case: Case, checked: Checked
) -> None:
    laws.recording_changes_no_value(op, case)
    checked("samples")


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_rules_agree_with_numbers_to_second_order(op: Op, case: Case, checked: Checked) -> None:
    laws.agrees_with_numbers(op, case)
    inputs = sum(x.requires_grad for x in laws.leaves(laws.draw(case)))
    checked("first derivatives", inputs)
    checked("second derivatives", inputs)


@pytest.mark.parametrize(("op", "case"), [each for each in CALLS if has_several(*each.values)])
def test_rules_agree_with_numbers_for_each_of_several_outputs(op: Op, case: Case) -> None:
    laws.each_output_alone_agrees_with_numbers(op, case)


@pytest.mark.parametrize(("op", "case"), calls(without=laws.WITHOUT_COMPLEX_STEP))
def test_rules_agree_with_the_complex_step(op: Op, case: Case, checked: Checked) -> None:
    checked("complex step", laws.agrees_with_the_complex_step(op, case))


@pytest.mark.parametrize(("op", "case"), calls(without=laws.CHANGES_DTYPE))
def test_rules_agree_with_numbers_where_they_are_complex(op: Op, case: Case) -> None:
    takes_complex = laws.agrees_with_numbers_where_complex(op, case)
    assert takes_complex or op.name in laws.REAL_ONLY | laws.NOT_ANALYTIC


@pytest.mark.parametrize(("op", "case"), calls(without=laws.CHANGES_DTYPE))
def test_single_precision_stays_single(op: Op, case: Case) -> None:
    laws.single_precision_stays_single(op, case)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_the_layout_of_memory_does_not_matter(op: Op, case: Case) -> None:
    laws.layout_does_not_matter(op, case)


@pytest.mark.parametrize(
    ("op", "case"), [each for each in CALLS if laws.numbers_among(laws.draw(each.values[1]))]
)
def test_python_numbers_do_as_well_as_arrays_without_axes(op: Op, case: Case) -> None:
    laws.python_numbers_do_as_well(op, case)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_neither_direction_changes_its_inputs(op: Op, case: Case) -> None:
    laws.changes_nothing_it_is_given(op, case)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_gradients_are_linear_in_the_upstream_gradient(op: Op, case: Case) -> None:
    laws.is_linear_in_the_upstream_gradient(op, case)


@pytest.mark.parametrize(("op", "kink"), KINKS)
def test_kinks_have_the_promised_subgradient(op: Op, kink: Any, checked: Checked) -> None:
    laws.kink_is_as_promised(op, kink)
    checked("kinks")


@pytest.mark.parametrize(("op", "sample"), WRONG_CALLS)
def test_a_wrong_call_says_what_is_wrong_and_changes_nothing(
    op: Op, sample: Wrong, checked: Checked
) -> None:
    inputs = [as_leaf(given) for given in sample.inputs]
    arrays = [x.data if isinstance(x, tg.Tensor) else x for x in inputs]
    arrays = [a for a in arrays if isinstance(a, np.ndarray)]
    before = [a.tobytes() for a in arrays]
    with pytest.raises(sample.error) as caught:
        laws.call(op, inputs, sample.settings)
    message = str(caught.value)
    for words in (op.name, sample.words, *(str(a.shape) for a in arrays)):
        assert words in message
    assert [a.tobytes() for a in arrays] == before
    assert all(x.grad.tolist() == x.tolist() for x in inputs if isinstance(x, tg.Tensor))
    checked("error samples")


def as_leaf(given: Any) -> Any:
    """Make a Tensor, whose gradient is there already, of a shape or a list."""
    if not isinstance(given, (tuple, list)):
        return given
    values = np.ones(given) if isinstance(given, tuple) else np.array(given)
    x = tg.Tensor(values, requires_grad=True)
    x.grad = values
    return x


# ------------------------------------------------------------------- the tester is tested itself
@pytest.mark.parametrize("op", [op for op in EVERY_OP if op.id != "imag"])  # of reals, it is 0
def test_a_rule_that_is_wrong_by_a_thousandth_is_caught(op: Op) -> None:
    """Each rule of each op is bent a little, and must be found out."""
    for argument, rule in zip(op.arguments, op.rules):
        if rule is None:
            continue
        with pytest.raises(tg.GradientError, match="is wrong in"):
            check_all_cases(Bent(op, argument))


def check_all_cases(op: Op) -> None:
    for case in op.cases:
        inputs = laws.draw(case)
        tg.check_grad(lambda *x, c=case: laws.call(op, x, c.settings), *inputs, order=1)


class Bent(Op):
    """A copy of an op, with one rule that returns 1.001 times the right gradient."""

    __slots__ = ()

    def __init__(self, op: Op, argument: str) -> None:
        for slot in Op.__slots__:
            setattr(self, slot, getattr(op, slot))
        if isinstance(op.rules, RuleOfEach):
            (rule,) = rules_of(op)
            self.rules = RuleOfEach(bent(rule))
        else:
            self.rules = tuple(
                bent(rule) if name == argument else rule
                for name, rule in zip(op.arguments, op.rules)
            )


def bent(rule: Any) -> Any:
    return lambda *inputs, **settings: rule(*inputs, **settings) * 1.001


# ----------------------------------------------------------------------- the gate is tested, too
def test_an_op_without_samples_is_named_together_with_what_it_lacks(checked: Checked) -> None:
    @tg.differentiable(x=lambda dy, y, x: dy)
    def unfinished(x: Any) -> Any:
        return +x

    try:
        with pytest.raises(AssertionError, match=r"unfinished still lacks 7 more case.*wrong call"):
            test_every_op_brings_enough_samples_and_a_wrong_call(unfinished.op, checked)
    finally:
        del REGISTRY["unfinished"]
