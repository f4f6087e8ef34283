"""Turn the import of the layout engine into a shorter one: what no page needs yet is not loaded.

Both savings stand outside of what the engine promises to keep. So each looks whether all is as it
knows it, and otherwise leaves the long way as it is.
"""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager, suppress
from copy import copy
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Half of fontTools, 50 ms: for fonts with axes, fonts packed for the web, and systems without
# HarfBuzz's subsetter. The engine takes these functions out of a module, others with the module.
_RARE: dict[str, tuple[str, ...]] = {
    "fontTools.subset": (),
    "fontTools.ttLib.woff2": (),
    "fontTools.varLib.instancer": ("instantiateVariableFont",),
}
_WORD = re.compile(r"\w+")


class _Later(ModuleType):
    """Stands for a module that is loaded when something in it is asked for."""

    def __getattr__(self, attribute: str) -> Any:  # noqa: ANN401  any module's
        if attribute.startswith("__"):  # the import system looks, and is content without
            raise AttributeError(attribute)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), attribute)

    def lend(self, function: str) -> None:
        """Put a function of the module here, which loads the module when it is called."""

        def call(*given: object, **named: object) -> object:
            return self.__getattr__(function)(*given, **named)

        setattr(self, function, call)


@contextmanager
def spare_fonttools() -> Iterator[None]:
    """Let what is imported inside have the rare parts of fontTools only when it uses them."""
    stands = {name: _Later(name) for name in _RARE if name not in sys.modules}
    for name, stand in stands.items():
        for function in _RARE[name]:
            stand.lend(function)
        sys.modules[name] = stand
    try:
        yield
    finally:
        for name, stand in stands.items():
            if sys.modules.get(name) is stand:
                del sys.modules[name]


def spare_typedefs(ffi: Any) -> None:  # noqa: ANN401  untyped library
    """Let cffi read the name of a C type without the names of all others before it.

    It puts a hundred declarations before each of the fifty names that the engine asks for: 2 ms
    each. Names that a text does not hold make no difference to how it is read.
    """
    with suppress(AttributeError):
        parser = ffi._parser  # noqa: SLF001  there is no other way in
        read_all = parser._parse  # noqa: SLF001

        def read(source: str) -> Any:  # noqa: ANN401
            words = set(_WORD.findall(source))
            try:
                few = copy(parser)
                few._declarations = {  # noqa: SLF001
                    name: kind
                    for name, kind in parser._declarations.items()  # noqa: SLF001
                    if name.removeprefix("typedef ") in words
                }
                return type(parser)._parse(few, source)  # noqa: SLF001
            except Exception:  # noqa: BLE001  whatever it is, the long way says it better
                return read_all(source)

        parser._parse = read  # noqa: SLF001
