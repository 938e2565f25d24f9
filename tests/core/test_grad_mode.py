"""Recording is switched off for a stretch of code, and for nothing around it.

The switch belongs to one thread or one asyncio task; a decorated generator holds it only while it
runs itself. Next: ``test_threads.py``.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any

import pytest

import tinygrad_edu as tg
from tinygrad_edu import is_grad_enabled as recording
from tinygrad_edu.recording import CONTEXT


def test_a_block_switches_recording_off_and_back_on() -> None:
    x = tg.Tensor([1.0], requires_grad=True)
    with tg.no_grad():
        assert not (x * 2).requires_grad
        with tg.enable_grad():
            assert (x * 2).requires_grad
        assert not recording()
    assert (x * 2).requires_grad


def test_an_exception_restores_the_mode() -> None:
    with suppress(KeyError), tg.no_grad():
        raise KeyError
    assert recording()

    @tg.no_grad
    def fails() -> None:
        raise KeyError

    with suppress(KeyError):
        fails()
    assert recording()


def test_one_object_may_be_entered_again_and_within_itself() -> None:
    mode = tg.no_grad()
    for _ in range(2):
        with mode:
            with tg.enable_grad(), mode:
                assert not recording()
            assert not recording()
        assert recording()


@pytest.mark.parametrize("decorate", [tg.no_grad, tg.no_grad(), tg.set_grad_enabled])
def test_a_decorated_function_does_not_record(decorate: Any) -> None:
    if decorate is tg.set_grad_enabled:
        decorate = tg.set_grad_enabled(False)

    @decorate
    def function(value: int, *, other: int) -> tuple[bool, int]:
        """Say what it sees."""
        return recording(), value + other

    assert recording()
    assert function(1, other=2) == (False, 3)
    assert recording()
    assert function.__name__ == "function"
    assert function.__doc__ == "Say what it sees."


def test_a_decorated_method_and_a_recursive_function_do_not_record() -> None:
    class Model:
        @tg.no_grad()
        def predict(self) -> bool:
            return recording()

        @staticmethod
        @tg.no_grad
        def static() -> bool:
            return recording()

    @tg.no_grad
    def countdown(n: int) -> list[bool]:
        return [recording(), *(countdown(n - 1) if n else [])]

    assert not Model().predict()
    assert not Model.static()
    assert countdown(3) == [False] * 4
    assert recording()


def test_enable_grad_decorates_too() -> None:
    @tg.enable_grad
    def function() -> bool:
        return recording()

    with tg.no_grad():
        assert function()
        assert not recording()


@tg.no_grad
def told(seen: list[Any]) -> Generator[int, Any, str]:
    """Yield numbers, and note what comes in and whether recording is on."""
    try:
        for number in range(10):
            try:
                received = yield number
            except LookupError as error:
                received = type(error)
            seen.append((received, recording()))
            if received == "stop":
                return "result"
    finally:
        seen.append(("closed", recording()))
    return "end"


def test_a_decorated_generator_is_off_inside_and_on_outside() -> None:
    seen: list[Any] = []
    generator = told(seen)
    assert recording()
    assert next(generator) == 0
    assert recording()
    assert generator.send("a") == 1
    assert recording()
    assert generator.throw(LookupError("b")) == 2
    assert recording()
    generator.close()
    assert recording()
    assert seen == [("a", False), (LookupError, False), ("closed", False)]


def test_a_decorated_generator_returns_its_value_and_raises_its_errors() -> None:
    generator = told([])
    next(generator)
    with pytest.raises(StopIteration) as stop:
        generator.send("stop")
    assert stop.value.value == "result"
    other = told([])
    next(other)
    with pytest.raises(ZeroDivisionError):
        other.throw(ZeroDivisionError("out"))
    assert recording()
    assert list(told([])) == list(range(10))


def test_generators_that_take_turns_do_not_disturb_each_other() -> None:
    @tg.enable_grad
    def on() -> Generator[bool, None, None]:
        while True:
            yield recording()

    @tg.no_grad
    def off() -> Generator[bool, None, None]:
        while True:
            yield recording()

    first, second = on(), off()
    for outer in (tg.no_grad(), tg.enable_grad()):
        with outer:
            mode = recording()
            assert [next(first), next(second), next(first), recording()] == [
                True,
                False,
                True,
                mode,
            ]


def test_a_decorated_generator_delegates() -> None:
    def outer() -> Generator[int, Any, None]:
        result = yield from told(seen)
        assert result == "result"
        assert recording()
        yield -1

    seen: list[Any] = []
    generator = outer()
    next(generator)
    assert generator.send("stop") == -1
    assert recording()


def test_a_decorated_coroutine_does_not_record_and_its_caller_does() -> None:
    @tg.no_grad
    async def silent() -> list[bool]:
        before = recording()
        await asyncio.sleep(0)
        return [before, recording()]

    async def main() -> tuple[list[bool], bool]:
        return await silent(), recording()

    assert asyncio.run(main()) == ([False, False], True)


def test_a_decorated_asynchronous_generator_is_off_inside_and_on_outside() -> None:
    @tg.no_grad
    async def silent() -> AsyncIterator[bool]:
        yield recording()
        await asyncio.sleep(0)
        yield recording()

    async def main() -> list[tuple[bool, bool]]:
        return [(inside, recording()) async for inside in silent()]

    assert asyncio.run(main()) == [(False, True)] * 2


def test_tasks_that_take_turns_have_a_mode_each() -> None:
    async def task(mode: Callable[[], Any], expected: bool) -> None:
        with mode():
            for _ in range(5):
                await asyncio.sleep(0)
                assert recording() is expected

    async def main() -> None:
        await asyncio.gather(task(tg.no_grad, False), task(tg.enable_grad, True))
        assert recording()

    asyncio.run(main())


def test_a_thread_starts_out_recording_whatever_its_parent_does() -> None:
    started, done = threading.Event(), threading.Event()
    seen: list[bool] = []

    def other() -> None:
        started.wait(10)
        seen.append(recording())
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with tg.no_grad():
        started.set()
        assert done.wait(10)
        assert not recording()
    thread.join()
    assert seen == [True]


def test_a_thread_that_does_not_record_leaves_the_others_alone() -> None:
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with tg.no_grad():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(10)
    assert (tg.Tensor([1.0], requires_grad=True) * 2).requires_grad
    leave.set()
    thread.join()


def test_a_pool_of_threads_does_not_carry_the_mode_from_job_to_job() -> None:
    def job(number: int) -> bool:
        if number % 2:
            with tg.no_grad():
                return recording()
        return recording()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(job, range(40))) == [True, False] * 20


def test_a_copied_context_carries_the_mode_along() -> None:
    with tg.no_grad():
        context = copy_context()
    assert context.run(recording) is False
    assert recording()


def test_one_object_shared_by_two_threads_restores_each_threads_own_mode() -> None:
    shared = tg.no_grad()
    first_in, second_in, first_out = (threading.Event() for _ in range(3))
    after: dict[str, bool] = {}

    def first() -> None:
        with shared:
            first_in.set()
            second_in.wait(10)
        after["first"] = recording()
        first_out.set()

    def second() -> None:
        with tg.no_grad():
            first_in.wait(10)
            with shared:
                second_in.set()
                first_out.wait(10)
            after["second"] = recording()

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert after == {"first": True, "second": False}


def test_set_grad_enabled_holds_at_once_as_a_plain_call() -> None:
    tg.set_grad_enabled(False)
    assert not recording()
    tg.set_grad_enabled(True)
    assert recording()


@pytest.mark.parametrize("mode", [True, False])
def test_set_grad_enabled_holds_for_a_block(mode: bool) -> None:
    for outer in (tg.no_grad, tg.enable_grad):
        with outer():
            before = recording()
            with tg.set_grad_enabled(mode):
                assert recording() is mode
            assert recording() is before


def test_set_grad_enabled_may_be_entered_again_and_within_itself() -> None:
    mode = tg.set_grad_enabled(False)
    with mode:
        with mode:
            assert not recording()
        assert not recording()
    assert recording()
    with mode:
        assert not recording()
    assert recording()


def test_set_grad_enabled_may_decorate_two_functions() -> None:
    mode = tg.set_grad_enabled(False)
    functions = [mode(recording), mode(recording)]
    assert recording()
    assert [function() for function in functions] == [False, False]
    assert recording()


def test_backward_works_where_nothing_is_recorded() -> None:
    x = tg.Tensor([2.0], requires_grad=True)
    y = (x**3).sum()
    with tg.no_grad():
        y.backward(create_graph=True)
    assert x.grad is not None
    first = x.grad
    x.grad = None
    first.sum().backward()
    assert x.grad.tolist() == [12.0]


def test_accumulated_gradients_keep_their_history_where_nothing_is_recorded() -> None:
    x = tg.Tensor([2.0], requires_grad=True)
    for _ in range(2):
        loss = (x**3).sum()
        with tg.no_grad():
            loss.backward(create_graph=True)
    total = x.grad
    assert total is not None
    x.grad = None
    total.sum().backward()
    assert x.grad.tolist() == [24.0]


def test_a_plain_gradient_has_no_history_wherever_it_is_computed() -> None:
    x = tg.Tensor([2.0], requires_grad=True)
    for _ in range(2):
        (x**3).sum().backward()
        assert x.grad is not None
        assert not x.grad.requires_grad
        assert x.grad.is_leaf


def test_a_block_that_another_thread_has_entered_is_left_without_harm() -> None:
    def suspended() -> Generator[None, None, None]:
        with tg.no_grad():
            yield

    kept = []

    def begin() -> None:
        kept.append(suspended())
        next(kept[0])

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    kept[0].close()  # here, where its block was never entered
    assert recording()
    assert (tg.Tensor(1.0, requires_grad=True) * 2).requires_grad


def test_a_plain_call_ends_with_the_block_around_it() -> None:
    with tg.no_grad():
        tg.set_grad_enabled(True)
        assert recording()
    assert recording()
    with tg.enable_grad():
        tg.set_grad_enabled(False)
    assert recording()


def test_plain_calls_leave_nothing_behind_however_many_there_are() -> None:
    tg.set_grad_enabled(True)
    depth = []
    for _ in range(3):
        tg.set_grad_enabled(True)
        context, n = CONTEXT.get(), 0
        while context.outer is not None:
            context, n = context.outer, n + 1
        depth.append(n)
    assert depth[0] == depth[-1]


def test_a_block_restores_what_a_plain_call_before_it_has_set() -> None:
    tg.set_grad_enabled(False)
    with tg.set_grad_enabled(True):
        assert recording()
    assert not recording()
