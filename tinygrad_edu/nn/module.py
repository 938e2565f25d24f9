"""Module: a piece of a network, with what it has learnt and the pieces it is made of.

A module is an ordinary object with a ``forward`` method. Giving it an attribute that is a
`Parameter` or another module lists that attribute (``attributes.py``), and so a tree of modules
grows, over which ``parameters()``, ``state_dict()``, ``train()`` and the printed form run. Names,
arguments and behaviour are PyTorch's.

Read next: ``container.py`` and ``linear.py``, the first modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.nn.attributes import ListedAttributes
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.nn.state import IncompatibleKeys, load
from tinygrad_edu.op import Array
from tinygrad_edu.recording import CONTEXT, Context
from tinygrad_edu.tensor import Tensor

Self = TypeVar("Self", bound="Module")


class Scope:
    """One call of a module, for the nodes recorded during it to remember; see `scope_path`."""

    __slots__ = ("module", "parent")

    def __init__(self, module: Module, parent: Scope | None) -> None:
        self.module = module
        self.parent = parent  # the call within which it happened


def scope_path(scope: Scope | None) -> str:
    """Write down where in the model a call happened, such as ``encoder.0``.

    The outermost call is the model itself and has the empty path, as in ``named_modules()``. A
    module that its caller does not list appears under the name of its class.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.nn.module import scope_path
    >>> model = nn.Sequential(nn.Sequential(nn.Linear(2, 1)), nn.Sigmoid())
    >>> y = model[0](tg.Tensor([1.0, 2.0]))
    >>> scope_path(y.node.scope), scope_path(model(tg.Tensor([1.0, 2.0])).node.scope)
    ('0', '1')
    """
    names: list[str] = []
    while scope is not None and scope.parent is not None:
        child, known = scope.module, scope.parent.module.named_modules()
        names.append(next((name for name, m in known if m is child), type(child).__name__))
        scope = scope.parent
    return ".".join(name for name in reversed(names) if name)


class Module(ListedAttributes):
    """The base of all layers, losses and models: subclass it and write ``forward``.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.Linear(3, 4)
    ...         self.output = nn.Linear(4, 1)
    ...     def forward(self, x):
    ...         return tg.sigmoid(self.output(tg.sigmoid(self.hidden(x))))
    >>> net = Net()
    >>> net
    Net(
      (hidden): Linear(in_features=3, out_features=4, bias=True)
      (output): Linear(in_features=4, out_features=1, bias=True)
    )
    >>> net(tg.Tensor([[0.0, 1.0, 1.0]])).shape
    (1, 1)
    >>> [name for name, parameter in net.named_parameters()]
    ['hidden.weight', 'hidden.bias', 'output.weight', 'output.bias']
    """

    # --------------------------------------------------------------------- calling
    def forward(self, *inputs: Any, **settings: Any) -> Any:
        """Compute the output; every module writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method; write one")

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        """Run ``forward``, and let what is recorded meanwhile know in which module it happened."""
        outer = CONTEXT.get()
        scope = Scope(self, outer.scope)
        context = (outer.recording, scope, outer, outer.watch)
        CONTEXT.set(tuple.__new__(Context, context))  # Context() takes 2x as long
        try:
            return self.forward(*inputs, **settings)
        finally:
            CONTEXT.set(outer)

    # ------------------------------------------------------------------ what is in it
    def named_modules(
        self, memo: set[int] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Yield this module and all below it, each with its dotted path."""
        memo = set() if memo is None else memo
        if id(self) in memo:
            return
        if remove_duplicate:
            memo.add(id(self))
        yield prefix, self
        for name, module in self._modules.items():
            if isinstance(module, Module):
                path = f"{prefix}.{name}" if prefix else name
                yield from module.named_modules(memo, path, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """Yield this module and all below it."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the modules right below this one, with their names."""
        seen: set[int] = set()
        for name, module in self._modules.items():
            if isinstance(module, Module) and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Module]:
        """Yield the modules right below this one."""
        return (module for _, module in self.named_children())

    def _named(
        self, registry: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        memo: set[int] = set()
        modules = self.named_modules(None, prefix, remove_duplicate)
        for path, module in modules if recurse else [(prefix, self)]:
            for name, tensor in getattr(module, registry).items():
                if tensor is not None and id(tensor) not in memo:
                    if remove_duplicate:
                        memo.add(id(tensor))
                    yield f"{path}.{name}" if path else name, tensor

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield the parameters with their dotted paths; a shared one once, under its first."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters, in the order in which they were defined."""
        return (parameter for _, parameter in self.named_parameters("", recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield the buffers with their dotted paths."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers, in the order in which they were defined."""
        return (buffer for _, buffer in self.named_buffers("", recurse))

    # ------------------------------------------------------------------------- its state
    def _named_state(self) -> Iterator[tuple[str, Tensor]]:
        """Yield all that ``state_dict()`` holds; what is shared, under each of its paths."""
        for path, module in self.named_modules(remove_duplicate=False):
            own = {k: b for k, b in module._buffers.items() if k not in module._transient}
            for name, tensor in {**module._parameters, **own}.items():
                if tensor is not None:
                    yield f"{path}.{name}" if path else name, tensor

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all parameters and persistent buffers, as plain arrays by path."""
        return {path: tensor._array.copy() for path, tensor in self._named_state()}

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True
    ) -> IncompatibleKeys:
        """Copy saved values into the parameters and buffers: all of them, or none.

        Parameters
        ----------
        state_dict : arrays or Tensors by path, as ``state_dict()`` returns them; of the same shapes
            and kinds of dtype (float32 may go into float64, but integers may not).
        strict : ``False`` allows paths that are missing or not known.

        Returns
        -------
        ``(missing_keys, unexpected_keys)``

        Raises
        ------
        RuntimeError
            Naming every path that does not fit. The model is then as it was.
        """
        return load(self, state_dict, strict)

    # ------------------------------------------------------------------- for all of it
    def train(self: Self, mode: bool = True) -> Self:
        """Switch to training mode, in which dropout and the like are at work."""
        if not isinstance(mode, bool):
            raise ValueError(f"train() takes True or False, not {mode!r}")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self: Self) -> Self:
        """Switch to evaluation mode: ``train(False)``."""
        return self.train(False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Let all parameters learn, or freeze them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters; or set those that there are to zeros."""
        for parameter in self.parameters():
            forget = set_to_none or parameter.grad is None
            parameter.grad = None if forget else np.zeros_like(parameter._array)

    def apply(self: Self, fn: Callable[[Module], Any]) -> Self:
        """Call a function on every module, the innermost first."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # ------------------------------------------------------------------ in print
    def extra_repr(self) -> str:
        """Return what stands between the parentheses in print."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        if self._modules or len(lines) > 1:
            lines += [f"({name}): {_shown(module)}" for name, module in self._modules.items()]
            body = "\n".join(lines).replace("\n", "\n  ")
            return f"{type(self).__name__}(\n  {body}\n)"
        return f"{type(self).__name__}({extra})"


def _shown(module: Any) -> str:
    """Print a child: a module as it prints itself, a plain function by its name."""
    return repr(module) if isinstance(module, Module) else getattr(module, "__name__", repr(module))
