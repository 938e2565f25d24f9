"""Optimizer: what all ways of learning from gradients have in common.

It keeps the parameters, in groups that may have settings of their own, and goes through them at
every step. How one parameter changes is said by the subclass; see ``sgd.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np

from tinygrad_edu.recording import enable_grad
from tinygrad_edu.tensor import Tensor


class Optimizer:
    """The base of all optimizers.

    Parameters
    ----------
    params : the Tensors to learn, such as ``model.parameters()``; or dicts, each with ``"params"``
        and the settings that this group shall have of its own.
    defaults : the settings of groups that do not bring their own.

    Raises
    ------
    TypeError
        If a parameter is no Tensor, or the parameters have no order.
    ValueError
        If there is no parameter, one is given twice or is the result of a computation, or a setting
        is unknown or nonsense.
    """

    param_groups: list[dict[str, Any]]

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, (Tensor, Mapping)):
            raise TypeError("an optimizer takes a list of Tensors or of dicts, not a single one")
        self.defaults = defaults
        self.param_groups = []
        given = list(_ordered(params))
        if not given:
            raise ValueError(
                "there is nothing to learn: the optimizer got no parameters (was a generator, "
                "such as model.parameters(), used up before?)"
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
            if not isinstance(parameter, Tensor):
                hint = "; pass parameters(), not named_parameters()" if _is_pair(parameter) else ""
                raise TypeError(f"only Tensors can be learnt, not {type(parameter).__name__}{hint}")
            where = f"parameter {position}, of shape {parameter.shape},"
            if parameter.node is not None:
                raise ValueError(
                    f"{where} is the result of {parameter.node.op.name}, and changing it would "
                    f"change nothing that it was computed from; pass the tensor that it came from"
                )
            if id(parameter) in known:
                raise ValueError(f"{where} was given before, and would take every step twice")
            known.add(id(parameter))
        self.param_groups.append({"params": params, **self._settings(param_group)})

    def _settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Complete and check the settings of a group."""
        own = {name: value for name, value in given.items() if name != "params"}
        unknown = sorted(own.keys() - self.defaults.keys())
        if unknown:
            raise ValueError(
                f"{type(self).__name__} has no setting {', '.join(map(str, unknown))}; it has "
                f"{', '.join(self.defaults)}"
            )
        settings = {**self.defaults, **own}
        lr = settings["lr"]
        if not isinstance(lr, Real):
            raise TypeError(f"the learning rate lr must be a number, not {lr!r}")
        if not isfinite(lr) or lr < 0:
            raise ValueError(f"the learning rate lr must be finite and not negative, not {lr}")
        return settings

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient, in place.

        Parameters
        ----------
        closure : called first, to compute the gradients anew; what it returns is returned.

        Raises
        ------
        ValueError
            If a parameter has been given data of another shape since its gradient was computed.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                gradient = parameter.grad
                if gradient is None:
                    continue
                if gradient.shape != parameter.shape:
                    raise ValueError(
                        f"a parameter of shape {parameter.shape} has a gradient of shape "
                        f"{gradient.shape}, from before its data was replaced; call zero_grad()"
                    )
                self._update(parameter, gradient, group)
        return loss

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        """Change one parameter; every optimizer says how."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to update a parameter")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters; or set those that there are to zeros."""
        for group in self.param_groups:
            for parameter in group["params"]:
                forget = set_to_none or parameter.grad is None
                parameter.grad = None if forget else np.zeros_like(parameter._array)

    def state_dict(self) -> dict[str, Any]:
        """Return the settings of every group, with numbers standing for the parameters."""
        numbers = iter(range(sum(len(group["params"]) for group in self.param_groups)))
        return {
            "state": {},
            "param_groups": [
                {**group, "params": [next(numbers) for _ in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over saved settings, for groups of as many parameters: all of them, or none.

        Raises
        ------
        ValueError
            If the saved groups are not like these, or were saved by another kind of optimizer.
        """
        if not isinstance(state_dict, Mapping) or not {"state", "param_groups"} <= set(state_dict):
            raise ValueError("this is no state of an optimizer: it has 'state' and 'param_groups'")
        saved = state_dict["param_groups"]
        sizes = [len(group["params"]) for group in saved]
        own_sizes = [len(group["params"]) for group in self.param_groups]
        if sizes != own_sizes:
            raise ValueError(
                f"the saved groups have {sizes} parameters, and this optimizer's have {own_sizes}"
            )
        if state_dict["state"]:
            raise ValueError(
                f"{type(self).__name__} remembers nothing of its steps, but something was saved; "
                f"it must come from another kind of optimizer"
            )
        missing = sorted({name for group in saved for name in self.defaults.keys() - group.keys()})
        if missing:
            raise ValueError(f"the saved groups lack {', '.join(missing)}")
        settings = [self._settings(group) for group in saved]
        for group, new in zip(self.param_groups, settings):
            group.update(new)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def _ordered(params: Iterable[Any]) -> Iterable[Any]:
    """Refuse a set: its order changes from run to run, and with it what is saved."""
    if isinstance(params, (set, frozenset)):
        raise TypeError("parameters need an order that stays; pass a list instead of a set")
    return params


def _is_pair(parameter: Any) -> bool:
    return isinstance(parameter, tuple) and len(parameter) == 2 and isinstance(parameter[1], Tensor)
