"""Functions that a module calls before and after its ``forward``, and when a gradient comes back.

They let one look into a model, or change what flows through it, without touching its code: print
shapes, keep an activation, weigh a gradient. A module without any pays one attribute's reading.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

from tinygrad_edu.notes import Handle
from tinygrad_edu.tensor import Tensor

if TYPE_CHECKING:
    from tinygrad_edu.nn.module import Module

Hook = Callable[..., Any]
_number = count().__next__


class Hooks:
    """The hooks of one module, by number, in the order in which they were registered."""

    def __init__(self) -> None:
        self.before: dict[int, Hook] = {}
        self.after: dict[int, Hook] = {}
        self.backward: dict[int, Hook] = {}


def register(module: Module, moment: str, hook: Hook, prepend: bool = False) -> Handle:
    """Add a hook for a moment, ``"before"``, ``"after"`` or ``"backward"``, last or first."""
    if not callable(hook):
        raise TypeError(f"a hook is a function, not a {type(hook).__name__}")
    if module._hooks is None:
        module._hooks = Hooks()
    hooks: dict[int, Hook] = getattr(module._hooks, moment)
    number, others = _number(), dict(hooks) if prepend else {}
    for other in others:
        del hooks[other]
    hooks[number] = hook
    hooks.update(others)
    return Handle(hooks, number)


def call(module: Module, hooks: Hooks, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """Run a module's ``forward`` with all that is hooked to it."""
    for hook in list(hooks.before.values()):
        changed = hook(module, inputs)
        if changed is not None:
            inputs = changed if isinstance(changed, tuple) else (changed,)
    if hooks.backward:
        output = _watched_backwards(module, hooks, inputs, settings)
    else:
        output = module.forward(*inputs, **settings)
    for hook in list(hooks.after.values()):
        changed = hook(module, inputs, output)
        if changed is not None:
            output = changed
    return output


def _watched_backwards(
    module: Module, hooks: Hooks, inputs: tuple[Any, ...], settings: dict[str, Any]
) -> Any:
    """Run ``forward``, and have the walk back through it call the hooks.

    The gradient that arrives at the output is kept until the one that leaves at the input is
    complete. For this the module gets a copy of its input, which nobody else uses.
    """
    tracked = [k for k, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    if len(tracked) > 1:
        raise _too_many(module, f"{len(tracked)} inputs that require grad")
    mine = list(inputs)
    for k in tracked:
        mine[k] = inputs[k].clone()
    output = module.forward(*mine, **settings)
    if not isinstance(output, Tensor):
        raise _too_many(module, f"a {type(output).__name__} as output")
    if not output.requires_grad:
        return output
    if output.node is None or any(output is x for x in inputs):
        output = output.clone()  # a tensor of its own, whose gradient is this module's alone
    arrived: list[Any] = [None]
    at = next((k for k in tracked if mine[k].requires_grad), None)
    count = len(inputs)  # the two functions hold no Tensor, whose node would hold them in turn

    def at_output(gradient: Tensor) -> None:
        arrived[0] = gradient
        if at is None:
            at_input(None)

    def at_input(gradient: Tensor | None) -> Any:
        leaving: list[Any] = [None] * count
        if at is not None:
            leaving[at] = gradient
        for hook in list(hooks.backward.values()):
            changed = hook(module, tuple(leaving), tuple(arrived))
            if changed is not None:
                leaving = list(changed if isinstance(changed, tuple) else (changed,))
        return None if at is None else leaving[at]

    output.register_hook(at_output)
    if at is not None:
        mine[at].register_hook(at_input)
    return output


def _too_many(module: Module, what: str) -> TypeError:
    return TypeError(
        f"a backward hook of {type(module).__name__} sees one Tensor go in and one come out, and "
        f"this call has {what}; use Tensor.register_hook on those that matter"
    )
