"""Module: a piece of a network, with what it has learnt and the pieces it is made of.

A module is an ordinary object with a ``forward`` method. Giving it an attribute that is a
`Parameter` or another module lists that attribute (``attributes.py``), and so a tree of modules
grows (``tree.py``), over which ``parameters()``, ``state_dict()``, ``train()`` and the printed form
run. Names, arguments and behaviour are PyTorch's.

Read next: ``container.py`` and ``linear.py``, the first modules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.nn import hooks
from tinygrad_edu.nn.convert import convert, wanted_dtype
from tinygrad_edu.nn.state import IncompatibleKeys, load
from tinygrad_edu.nn.tree import Tree
from tinygrad_edu.notes import Handle
from tinygrad_edu.recording import CONTEXT, Context

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


class Module(Tree):
    """The base of all layers, losses and models: subclass it and write ``forward``.

    Raises
    ------
    NotImplementedError
        When called, if it has no ``forward``.

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

    _hooks: hooks.Hooks | None = None  # until one is registered

    _may_be_missing: frozenset[str] = frozenset()
    """Names of its own buffers without which a saved state is complete; they stay as they are."""

    # --------------------------------------------------------------------- calling
    def forward(self, *inputs: Any, **settings: Any) -> Any:
        """Compute the output; every module writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method; write one")

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        """Run ``forward``, and let what is recorded meanwhile know in which module it happened."""
        outer = CONTEXT.get()
        scope = Scope(self, outer.scope)
        context = (outer.recording, scope, outer, outer.watch, None)
        CONTEXT.set(tuple.__new__(Context, context))  # Context() takes 2x as long
        try:
            if self._hooks is None:
                return self.forward(*inputs, **settings)
            return hooks.call(self, self._hooks, inputs, settings)
        finally:
            CONTEXT.set(outer)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False
    ) -> Handle:
        """Have ``hook(module, inputs)`` called before ``forward``.

        What it returns, a tuple or a single value, takes the place of the inputs, unless it is
        ``None``. The handle's ``remove()`` takes the hook away. With ``prepend``, it is called
        before those that are there already.
        """
        return hooks.register(self, "before", hook, prepend)

    def register_forward_hook(self, hook: Callable[..., Any], *, prepend: bool = False) -> Handle:
        """Have ``hook(module, inputs, output)`` called after ``forward``.

        What it returns takes the place of the output, unless it is ``None``. The handle's
        ``remove()`` takes the hook away.

        Examples
        --------
        >>> import numpy as np
        >>> from tinygrad_edu import nn
        >>> layer, seen = nn.Linear(2, 3), []
        >>> handle = layer.register_forward_hook(lambda module, x, y: seen.append(y.shape))
        >>> y = layer(np.ones((5, 2)))
        >>> handle.remove()
        >>> seen
        [(5, 3)]
        """
        return hooks.register(self, "after", hook, prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> Handle:
        """Have ``hook(module, grad_input, grad_output)`` called when gradients have come through.

        Both are tuples; ``grad_input`` has ``None`` for inputs that need no gradient. What the hook
        returns takes the place of ``grad_input``, unless it is ``None``. It is for modules of one
        output that is a Tensor, and at most one input that requires grad; a call of others raises
        a TypeError.
        """
        return hooks.register(self, "backward", hook, prepend)

    # ------------------------------------------------------------------------- its state
    def state_dict(self, prefix: str = "", keep_vars: bool = False) -> dict[str, Any]:
        """Return copies of all parameters and persistent buffers, as plain arrays by path.

        With ``keep_vars``, return the Tensors themselves.
        """
        if keep_vars:
            return {prefix + path: tensor for path, tensor in self._named_state()}
        return {prefix + path: tensor._array.copy() for path, tensor in self._named_state()}

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, strict_finite: bool = False
    ) -> IncompatibleKeys:
        """Copy saved values into the parameters and buffers: all of them, or none.

        Parameters
        ----------
        state_dict : arrays or Tensors by path, as ``state_dict()`` returns them; of the same shapes
            and kinds of dtype (float32 may go into float64, but integers may not).
        strict : ``False`` allows paths that are missing or not known.
        strict_finite : ``True`` refuses values that are infinite or NaN.

        Returns
        -------
        ``(missing_keys, unexpected_keys)``

        Raises
        ------
        RuntimeError
            Naming every path that does not fit. The model is then as it was.
        """
        return load(self, state_dict, strict, strict_finite)

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

    def to(
        self: Self, *args: Any, device: Any = None, dtype: Any = None, non_blocking: bool = False
    ) -> Self:
        """Give all floating-point parameters and buffers another dtype, in place.

        Parameters
        ----------
        *args : a dtype, ``"cpu"``, or a Tensor whose dtype to take. As the only device is the CPU,
            naming it changes nothing.
        non_blocking : accepted, and without effect.

        Raises
        ------
        ValueError
            If another device is named.
        TypeError
            If the dtype is not a floating-point one.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> nn.Linear(2, 3).to("cpu").to("float32").weight.dtype
        dtype('float32')
        """
        dtype = wanted_dtype(*args, device=device, dtype=dtype)
        if dtype is not None:
            convert(self, dtype)
        return self

    def cpu(self: Self) -> Self:
        """Return the module itself: it always is on the CPU."""
        return self

    def cuda(self: Self, device: Any = None) -> Self:
        """Refuse to: there is no GPU here; see `to`."""
        return self.to("cuda" if device is None or isinstance(device, int) else device)

    def double(self: Self) -> Self:
        """Convert to float64; see `to`."""
        return self.to(np.float64)

    def float(self: Self) -> Self:
        """Convert to float32; see `to`."""
        return self.to(np.float32)

    def half(self: Self) -> Self:
        """Convert to float16; see `to`."""
        return self.to(np.float16)

    def apply(self: Self, fn: Callable[[Module], Any]) -> Self:
        """Call a function on every module, the innermost first."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # ------------------------------------------------------------------ in print
    def _get_name(self) -> str:
        """Return what it is called in print: its class."""
        return type(self).__name__

    def extra_repr(self) -> str:
        """Return what stands between the parentheses in print."""
        return ""

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the tree of modules, with shapes and counts."""
        from tinygrad_edu.draw.notebook import module_html  # only notebooks ask

        return module_html(self)

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        if self._modules or len(lines) > 1:
            lines += [f"({name}): {_shown(module)}" for name, module in self._modules.items()]
            body = "\n".join(lines).replace("\n", "\n  ")
            return f"{self._get_name()}(\n  {body}\n)"
        return f"{self._get_name()}({extra})"


def _shown(module: Any) -> str:
    """Print a child: a module as it prints itself, a plain function by its name."""
    return repr(module) if isinstance(module, Module) else getattr(module, "__name__", repr(module))
