"""What the whole test run reports at its end: how much of the registry its gate has looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

pytest_plugins = ["lessons.plugin"]  # --answers, and the marks lesson01 to lesson14
COUNTED = (
    "ops", "samples", "first derivatives", "second derivatives", "error samples", "kinks",
)  # fmt: skip
WORST = ("complex step", "PyTorch", "stored values of PyTorch")


@pytest.fixture
def checked(request: pytest.FixtureRequest) -> Callable[[str, float], None]:
    """Let a test say what it has checked, and how much of it, or with how large an error.

    It goes with the test's report, so that it is counted only if the test passes, and also when
    the tests run in several processes.
    """

    def note(what: str, amount: float = 1) -> None:
        request.node.user_properties.append(("checked", what, amount))

    return note


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print one line on what was counted, and one on the largest errors."""
    total: Counter[str] = Counter()
    worst: dict[str, float] = {}
    for report in terminalreporter.stats.get("passed", []):
        for kind, *values in report.user_properties:
            if kind != "checked":
                continue
            what, amount = values
            if what in WORST:
                worst[what] = max(worst.get(what, 0.0), amount)
            else:
                total[what] += amount
    if total:
        amounts = [f"{total[what]} {what}" for what in COUNTED if total[what]]
        terminalreporter.write_line(f"registry gate: {', '.join(amounts)}")
    if worst:
        errors = [f"{worst[what]:.1e} against {what}" for what in WORST if what in worst]
        terminalreporter.write_line(f"worst relative error of a gradient: {', '.join(errors)}")
