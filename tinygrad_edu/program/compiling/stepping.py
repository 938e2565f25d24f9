"""The steps of optimizers and schedules, while a function is traced.

An optimizer's becomes part of the program, see ``updates.py``. A schedule's is plain Python, and is
taken when the program has run; so it has to come after the optimizers'.

Read next: ``tracing.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from tinygrad_edu.program.compiling.reach import Reach
from tinygrad_edu.program.compiling.tracer import Tracer
from tinygrad_edu.program.compiling.updates import Update
from tinygrad_edu.program.looks import TraceError, users_line
from tinygrad_edu.tensor import Tensor


@contextmanager
def settings_kept(reach: Reach) -> Iterator[None]:
    """Refuse a function that changes the settings of an optimizer."""
    settings = [(group, dict(group)) for o in reach.optimizers for group in o.param_groups]
    try:
        yield
        for group, was in settings:
            for key, x in was.items():
                if group.get(key) is not x:
                    raise TraceError(
                        f"the setting {key} of an optimizer is changed within what is "
                        f"compiled; use a scheduler, or change it outside"
                    )
    finally:
        for group, was in settings:
            group.update(was)


@contextmanager
def steps_traced(
    reach: Reach, tracer: Tracer, updates: list[Update], schedules: list[Callable[[], Any]]
) -> Iterator[None]:
    """Have optimizers that are reached take traced steps, and schedules take theirs later."""
    stepped = [(optimizer, optimizer.has_stepped) for optimizer in reach.optimizers]
    for optimizer, _ in stepped:
        vars(optimizer)["step"] = traced_step(optimizer, tracer, updates, schedules)
    for schedule in reach.schedules:
        vars(schedule)["step"] = later_step(schedule, schedules)
    try:
        yield
    finally:
        for each in (*reach.optimizers, *reach.schedules):
            del vars(each)["step"]
        for optimizer, before in stepped:
            optimizer.has_stepped = before


def traced_step(
    optimizer: Any, tracer: Tracer, updates: list[Update], schedules: list[Callable[[], Any]]
) -> Callable[..., Any]:
    """Make what stands for an optimizer's ``step`` while it is traced."""

    def step(closure: Callable[[], Any] | None = None) -> Any:
        if schedules:
            raise TraceError(
                f"{users_line()}: an optimizer takes a step after a scheduler has taken one; in "
                f"what is compiled, call scheduler.step() last"
            )
        loss = None if closure is None else closure()
        before = [update for update in updates if update.optimizer is optimizer]
        update = Update(optimizer, before[-1] if before else None)
        updates.append(update)
        update.trace(tracer)
        optimizer.has_stepped = True  # until the call is over: a schedule asks
        return loss

    return step


def later_step(schedule: Any, schedules: list[Callable[[], Any]]) -> Callable[..., None]:
    """Make what stands for a schedule's ``step`` while it is traced: it is taken afterwards."""
    real = schedule.step

    def step(*args: Any, **settings: Any) -> None:
        if any(isinstance(x, Tensor) for x in (*args, *settings.values())):
            raise TraceError(
                f"{users_line()}: a scheduler is given a number that is computed; return that "
                f"from what is compiled, and call scheduler.step(number) outside"
            )
        schedules.append(partial(real, *args, **settings))

    return step
