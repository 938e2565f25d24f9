"""Going through a tree of modules, and finding what is in it by dotted paths.

Read next: ``module.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from tinygrad_edu.nn.attributes import KINDS, ListedAttributes
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.tensor import Tensor

if TYPE_CHECKING:
    from tinygrad_edu.nn.module import Module


class Tree(ListedAttributes):
    """The part of `Module` that lists what is below it."""

    def named_modules(
        self, memo: set[int] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Yield this module and all below it, each with its dotted path."""
        memo = set() if memo is None else memo
        if id(self) in memo:
            return
        if remove_duplicate:
            memo.add(id(self))
        yield prefix, cast("Module", self)
        for name, module in self._modules.items():
            if isinstance(module, Tree):
                path = f"{prefix}.{name}" if prefix else name
                yield from module.named_modules(memo, path, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """Yield this module and all below it."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the modules right below this one, with their names."""
        seen: set[int] = set()
        for name, module in self._modules.items():
            if isinstance(module, Tree) and id(module) not in seen:
                seen.add(id(module))
                yield name, cast("Module", module)

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

    def get_submodule(self, target: str) -> Any:
        """Return the module at a dotted path, such as ``"encoder.0"``; itself for ``""``.

        Raises
        ------
        AttributeError
            If there is none.
        """
        module: Any = self
        for name in target.split(".") if target else ():
            if not isinstance(module, Tree) or name not in module._modules:
                raise AttributeError(f"{type(self).__name__} has no module at {target!r}")
            module = module._modules[name]
        return module

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter at a dotted path; see `get_submodule`."""
        return self._at("_parameters", target)  # type: ignore[no-any-return]  # of that registry

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer at a dotted path; see `get_submodule`."""
        return self._at("_buffers", target)  # type: ignore[no-any-return]  # of that registry

    def _at(self, registry: str, target: str) -> Any:
        path, _, name = target.rpartition(".")
        tensor = getattr(self.get_submodule(path), registry).get(name)
        if tensor is None:
            raise AttributeError(f"{type(self).__name__} has no {KINDS[registry]} at {target!r}")
        return tensor

    def _named_state(self) -> Iterator[tuple[str, Tensor]]:
        """Yield all that ``state_dict()`` holds; what is shared, under each of its paths."""
        for path, module in self.named_modules(remove_duplicate=False):
            own = {k: b for k, b in module._buffers.items() if k not in module._transient}
            for name, tensor in {**module._parameters, **own}.items():
                if tensor is not None:
                    yield f"{path}.{name}" if path else name, tensor
