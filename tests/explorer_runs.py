"""Runs that the tests of the explorer look at."""

from __future__ import annotations

from typing import Any

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.article import HandDerivedNetwork, RawNetwork

HOSTILE = [
    "</script><img src=x onerror=pwned()>", "<!--<script>", '"onload="pwned()', "]]>", "&lt;b&gt;",
    "$data", "javascript:pwned()", "<svg/onload=pwned()>", "a\u202eb", "a\x00b", "two\nlines",
    "\\u003cb\\u003e", "{{pwned()}}",
]  # fmt: skip


def article_loss() -> tg.Tensor:
    """Run the article's network forwards and backwards."""
    loss = RawNetwork(HandDerivedNetwork()).loss()
    loss.backward()
    return loss


def branching_loss() -> tg.Tensor:
    """Run something in which gradients meet, and a vector is stretched to a matrix."""
    w = tg.Tensor([[1.0, -2.0], [0.5, 3.0]], requires_grad=True, name="w")
    b = tg.Tensor([0.25, -0.125], requires_grad=True, name="b")
    total = w * w + b
    loss = (total * tg.sigmoid(w) - total / 3).sum()
    loss.name = "loss"
    loss.backward()
    return loss


def nested_loss() -> tg.Tensor:
    """Run modules within modules."""
    generator = tg.manual_seed(0)
    inner = nn.Sequential(nn.Linear(3, 4), nn.Tanh())
    model = nn.Sequential(inner, nn.Linear(4, 1), nn.Sigmoid())
    loss = model(tg.Tensor(generator.normal(size=(2, 3)), name="x")).sum()
    loss.backward()
    return loss


def leaves(loss: tg.Tensor) -> dict[str, Any]:
    """Return the parameters' gradients as ``backward()`` has left them, by their names."""
    found: dict[str, Any] = {}
    waiting = [loss.node]
    while waiting:
        for parent in waiting.pop().parents:
            if isinstance(parent, tg.Tensor):
                found[parent.name] = parent.grad.numpy()
            elif parent is not None:
                waiting.append(parent)
    return found
