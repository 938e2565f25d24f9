"""Optimizer: what all ways of learning from gradients have in common.

It keeps the parameters, in groups that may have settings of their own, and goes through them at
every step. How one parameter changes is said by the subclass, in terms of the gradient that is
prepared here: with weight decay in it, and turned around if the goal is a maximum.

A step writes into the parameters' own memory, and into arrays that are kept from the first step on:
it asks for no memory. That is why the formulas of the subclasses are spelt with ``out=``; each has
the formula above it. For 784 by 256 elements in float32, Adam's step takes 0.23 ms as it is, and
0.31 ms as ``m = beta1 * m + (1 - beta1) * g`` and so on; SGD's takes 0.033 ms in either form.

Read next: ``sgd.py``, then ``adam.py``; ``state.py`` for what is saved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.optim import state
from tinygrad_edu.optim.settings import ALSO_IN_GROUPS, NOT_NEGATIVE, Limit, accept, check
from tinygrad_edu.recording import enable_grad
from tinygrad_edu.tensor import Tensor


class Optimizer:
    """The base of all optimizers.

    Parameters
    ----------
    params : the Tensors to learn, such as ``model.parameters()``; or dicts, each with ``"params"``
        and the settings that this group shall have of its own.
    defaults : the settings of groups that do not bring their own.

    Attributes
    ----------
    param_groups : a dict for each group: its ``"params"`` and all settings, which may be changed
        from one step to the next.
    state : what is kept from step to step, a dict for each parameter.

    Raises
    ------
    TypeError
        If a parameter is no Tensor of real numbers, or the parameters have no order.
    ValueError
        If there is no parameter, one is given twice or is the result of a computation, or a setting
        is unknown or nonsense.

    Examples
    --------
    Every optimizer is used alike, and its groups may differ in their settings:

    >>> from tinygrad_edu import nn, optim
    >>> first, last = nn.Linear(3, 4), nn.Linear(4, 1)
    >>> optimizer = optim.SGD(
    ...     [{"params": first.parameters(), "lr": 0.01}, {"params": last.parameters()}], lr=0.1
    ... )
    >>> [group["lr"] for group in optimizer.param_groups]
    [0.01, 0.1]
    """

    limits: ClassVar[Mapping[str, Limit]] = {"lr": NOT_NEGATIVE}  # what settings may be
    numbers: ClassVar[tuple[str, ...]] = ()  # what is kept for each parameter, and beside it these
    arrays: ClassVar[Mapping[str, str] | None] = None  # with the setting that they are kept for

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, (Tensor, Mapping)):
            raise TypeError("an optimizer takes a list of Tensors or of dicts, not a single one")
        self.defaults = accept(type(self).__name__, defaults)
        self.param_groups: list[dict[str, Any]] = []
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.has_stepped = False  # a schedule asks
        self._spares: dict[Any, Array] = {}
        given = list(_ordered(params))
        if not given:
            raise ValueError(
                "there is nothing to learn: the optimizer got no parameters (was a generator, "
                "such as model.parameters(), used up before? are layers in a plain list, where "
                "their module does not see them? nn.ModuleList shows them)"
            )
        for group in given if isinstance(given[0], Mapping) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Learn further parameters, under settings of their own."""
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            kind = type(param_group).__name__
            raise TypeError(f"a parameter group is a dict with the key 'params', not {kind}")
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(_ordered(params))
        known = {id(p) for group in self.param_groups for p in group["params"]}
        for position, parameter in enumerate(params):
            _check_parameter(position, parameter)
            if id(parameter) in known:
                raise ValueError(
                    f"parameter {position}, of shape {parameter.shape}, was given before, and "
                    f"would take every step twice"
                )
            known.add(id(parameter))
        self.param_groups.append({"params": params, **self._settings(param_group)})

    def _settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Complete and check the settings of a group."""
        own = accept(type(self).__name__, given)
        own.pop("params", None)
        unknown = sorted(own.keys() - self.defaults.keys() - set(ALSO_IN_GROUPS))
        if unknown:
            raise ValueError(
                f"{type(self).__name__} has no setting {', '.join(map(str, unknown))}; it has "
                f"{', '.join(self.defaults)}"
            )
        settings = {**self.defaults, **own}
        for name, limit in self.limits.items():
            if name in settings:
                check(name, settings[name], limit)
        if "betas" in self.limits:
            settings["betas"] = tuple(settings["betas"])
        return settings

    # --------------------------------------------------------------------- a step
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient, in place.

        Parameters
        ----------
        closure : called first, to compute the gradients anew; what it returns is returned.

        Raises
        ------
        ValueError
            If a parameter has been given data of another shape since its gradient was computed, or
            has become the result of a computation. No parameter has changed then.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        todo = []
        for group in self.param_groups:
            for parameter in group["params"]:
                gradient = parameter._grad
                if gradient is None:
                    continue
                p, g = parameter._array, gradient._array
                if p.shape != g.shape or parameter.node is not None:
                    raise _no_longer_fits(parameter, gradient)
                todo.append((parameter, p, g, group))
        self.has_stepped = True
        for parameter, p, g, group in todo:
            parameter._touch()
            if group.get("weight_decay") or group.get("maximize"):
                g = self._prepared(p, g, group)
            self._update(p, g, self.state[parameter], group)
        return loss

    def _prepared(self, p: Array, g: Array, group: dict[str, Any]) -> Array:
        """Return the gradient to go down along: ``±g + weight_decay * p``.

        Decoupled weight decay is not part of the gradient: it shrinks the parameter here and now.
        """
        decay, up = group.get("weight_decay", 0), group.get("maximize", False)
        if decay and group.get("decoupled_weight_decay", False):
            p *= 1 - float(group["lr"]) * decay
        elif decay:
            g, gradient = np.multiply(p, decay, out=self._spare(p, "gradient")), g
            (np.subtract if up else np.add)(g, gradient, out=g)
            return g
        return np.negative(g, out=self._spare(p, "gradient")) if up else g

    def _update(self, p: Array, g: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Change one parameter, in place; every optimizer says how.

        Parameters
        ----------
        p, g : the parameter's values, to be written into, and its gradient, which is only read.
        state : what has been kept for this parameter; nothing before the first step.
        group : the settings.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how to update a parameter")

    def _spare(self, like: Array, purpose: str = "update") -> Array:
        """Return an array to compute in, of this shape and dtype; the same one in every step."""
        key = like.shape, like.dtype, purpose
        array = self._spares.get(key)
        if array is None:
            array = self._spares[key] = np.empty_like(like, subok=False)
        return array

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters; or set those that there are to zeros."""
        for group in self.param_groups:
            for parameter in group["params"]:
                forget = set_to_none or parameter.grad is None
                parameter.grad = None if forget else np.zeros_like(parameter._array)

    # ------------------------------------------------------------------- its state
    def state_dict(self) -> dict[str, Any]:
        """Return copies of what is kept of the steps, and of all settings, in PyTorch's form.

        ``"state"`` has a dict for each parameter that has taken a step, by the parameter's number,
        and ``"param_groups"`` the settings, with these numbers for ``"params"``.
        """
        return state.save(self)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over a saved state, for groups of as many parameters: all of it, or nothing.

        Raises
        ------
        ValueError
            If the saved groups are not like these, an array is not of its parameter's shape, or all
            was saved by another kind of optimizer. This one is then as it was.
        """
        state.load(self, state_dict)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def kept(state: dict[str, Any], name: str, like: Array) -> Array:
    """Return the array that is kept under this name; at the first step, zeros."""
    array: Array | None = state.get(name)
    if array is None:
        array = state[name] = np.zeros_like(like)
    return array


def _check_parameter(position: int, parameter: Any) -> None:
    """Refuse what cannot be learnt."""
    if not isinstance(parameter, Tensor):
        pair = isinstance(parameter, tuple) and len(parameter) == 2
        hint = "; pass parameters(), not named_parameters()" if pair else ""
        hint = "; pass its parameters()" if hasattr(parameter, "parameters") else hint
        raise TypeError(f"only Tensors can be learnt, not {type(parameter).__name__}{hint}")
    where = f"parameter {position}, of shape {parameter.shape},"
    if parameter.node is not None:
        raise ValueError(
            f"{where} is the result of {parameter.node.op.name}, and changing it would change "
            f"nothing that it was computed from; pass the tensor that it came from"
        )
    if parameter.dtype.kind == "c":
        raise TypeError(
            f"{where} is complex, and optimizers learn real numbers; learn its real and its "
            f"imaginary part, and compute real + 1j * imaginary from them"
        )


def _no_longer_fits(parameter: Tensor, gradient: Tensor) -> ValueError:
    """Build the error for a parameter that has become something else since its last gradient."""
    if parameter.node is not None:
        return ValueError(
            f"a parameter of shape {parameter.shape} has become the result of "
            f"{parameter.node.op.name}; change parameters under `with no_grad():`"
        )
    return ValueError(
        f"a parameter of shape {parameter.shape} has a gradient of shape {gradient.shape}, from "
        f"before its data was replaced; call zero_grad()"
    )


def _ordered(params: Iterable[Any]) -> Iterable[Any]:
    """Refuse a set: its order changes from run to run, and with it what is saved."""
    if isinstance(params, (set, frozenset)):
        raise TypeError("parameters need an order that stays; pass a list instead of a set")
    return params
