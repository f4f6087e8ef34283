"""Turn a chain of folders into a strict, sandboxed Jinja2 environment."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import MAX_RANGE, ImmutableSandboxedEnvironment
from pydantic import BaseModel

from handouts.problem import HandoutError, Place
from handouts.source.workspace import show_path
from handouts.theme.bytecode import CodeShelf
from handouts.theme.chain import BASE
from handouts.theme.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment
    from jinja2.runtime import Context

    from handouts.theme.chain import Chain

_AT = "@"
_WORDS_FIELDS = {"language", "direction"}


class ChainLoader(BaseLoader):
    """Loads a template from the nearest layer, or with ``base/`` from the layer behind.

    Inside the environment such a name is ``@N/name``: look from layer N on.
    """

    def __init__(self, chain: Chain) -> None:
        """Keep the chain."""
        self._chain = chain

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return the text, the file's name and a check that it is still the same."""
        del environment
        _, path = self.find(template)
        try:
            changed = path.stat().st_mtime_ns
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise HandoutError.of(
                "template-failed",
                f"this template cannot be read: {error}",
                Place(show_path(path)),
                hint="save it as text in UTF-8",
            ) from None
        return text, str(path), lambda: self._is_current(template, path, changed)

    def _is_current(self, template: str, path: Path, changed: int) -> bool:
        """Return whether the name still leads to the same file, and that is as it was."""
        try:
            return self.find(template)[1] == path and path.stat().st_mtime_ns == changed
        except (OSError, TemplateNotFound):
            return False

    def find(self, template: str) -> tuple[int, Path]:
        """Return the number of the layer that answers to the name, and its file."""
        first, name = 0, template
        if template.startswith(_AT):
            number, _, name = template[1:].partition("/")
            first = int(number)
        elif template.startswith(BASE):
            first, name = 1, template.removeprefix(BASE)
        layers = self._chain.layers
        for layer, path in self._chain.templates(name):
            if layers.index(layer) >= first:
                return layers.index(layer), path
        raise TemplateNotFound(template)


class _Faithful(CodeGenerator):
    """Leaves every filter to the moment when a page is filled.

    Jinja would work out ``{{ "hold"|drawing }}`` once, and print the first exercise's picture for
    all. It compiles a quarter faster, too.
    """

    def _output_child_to_const(self, node: nodes.Expr, frame: Any, finalize: Any) -> str:  # noqa: ANN401
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


class ChainEnvironment(ImmutableSandboxedEnvironment):
    """Resolves ``base/`` from the layer of the template that says it; models are only read."""

    code_generator_class = _Faithful
    intercepted_binops = frozenset({"*", "**"})

    def call_binop(
        self,
        context: Context,
        operator: str,
        left: Any,  # noqa: ANN401  as Jinja has it
        right: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Return a product that a page can use: no power, nothing repeated for ever."""
        times = [side for side in (left, right) if isinstance(side, int)]
        if operator == "**" or (len(times) == 1 and abs(times[0]) > MAX_RANGE):
            raise SecurityError(f"{operator} would make something too large for a page")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401  as Jinja
        """Return whether a template may read the attribute: of our own values, their fields."""
        # A model's methods do more than print: parse_raw(…, allow_pickle=True) runs any program.
        if isinstance(obj, BaseModel):
            return attr in type(obj).model_fields
        if isinstance(obj, Words):
            return attr in _WORDS_FIELDS
        return super().is_safe_attribute(obj, attr, value)

    def join_path(self, template: str, parent: str) -> str:
        """Return the name to load when the template ``parent`` asks for ``template``."""
        if template.startswith(BASE) and isinstance(self.loader, ChainLoader):
            layer, _ = self.loader.find(parent)
            return f"{_AT}{layer + 1}/{template.removeprefix(BASE)}"
        return template


def make_environment(chain: Chain, words: Words) -> ChainEnvironment:
    """Return the environment for a chain and a language."""
    environment = ChainEnvironment(
        loader=ChainLoader(chain),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        optimized=False,
        bytecode_cache=CodeShelf(),
        extensions=["jinja2.ext.i18n"],
    )
    # Typed as the base class, the extension's method is not known to the type checker.
    install: Any = environment
    install.install_gettext_callables(
        words.catalogue.gettext, words.catalogue.ngettext, newstyle=True
    )
    return environment


def fill_template(environment: ChainEnvironment, name: str, values: dict[str, Any]) -> str:
    """Return the text of a template with its values put in.

    Raises:
        HandoutError: whatever is wrong in the template, with its file and line.
    """
    try:
        return environment.get_template(name).render(values)
    except HandoutError:
        raise
    except TemplateSyntaxError as error:
        place = Place(_show(error.filename or error.name or name), error.lineno)
        raise HandoutError.of("template-syntax", str(error.message), place) from None
    except Exception as error:  # noqa: BLE001  a filter raises whatever a wrong value makes it raise
        code, message, hint = _explain(error)
        raise HandoutError.of(code, message, _innermost_template(error), hint=hint) from None


def _explain(error: Exception) -> tuple[str, str, str]:
    """Return the code, the message and the hint of what a template raised."""
    if isinstance(error, TemplateNotFound):
        where = "in the workspace, the theme or the shipped base"
        message = f'no template "{_as_written(str(error.name))}" {where}'
        return "template-missing", message, "run: handouts theme list"
    if isinstance(error, UndefinedError):
        hint = "docs/themes.md lists the values that a template can use"
        return "template-undefined", str(error.message), hint
    if isinstance(error, SecurityError):
        hint = "a theme is data: templates can print values, not run or change the program"
        return "template-unsafe", str(error.message), hint
    if isinstance(error, RecursionError):
        hint = 'write "base/" before the name to mean the template behind this one'
        return "template-failed", "this template includes itself without end", hint
    if isinstance(error, MemoryError):
        hint = "make what it repeats or joins smaller"
        return "took-too-much", "this template takes more memory than there is", hint
    return "template-failed", str(error) or type(error).__name__, ""


def _show(name: str) -> str:
    return show_path(Path(name)) if Path(name).is_absolute() else name


def _as_written(name: str) -> str:
    """Return a template's name as a template says it."""
    return re.sub(f"^{_AT}[0-9]+/", BASE, name)


def _innermost_template(error: BaseException) -> Place | None:
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if frame.filename.endswith(".j2"):
            return Place(_show(frame.filename), frame.lineno or 0)
    return None
