"""Turn a chain of folders into a strict, sandboxed Jinja2 environment."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError, TemplateError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from handouts.problem import HandoutError, Place
from handouts.source.workspace import show_path
from handouts.theme.chain import BASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

    from handouts.theme.chain import Chain
    from handouts.theme.words import Words

_AT = "@"


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
        changed = path.stat().st_mtime_ns
        text = path.read_text(encoding="utf-8")
        return text, str(path), lambda: path.stat().st_mtime_ns == changed

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


class ChainEnvironment(ImmutableSandboxedEnvironment):
    """Resolves ``base/`` from the layer of the template that says it."""

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
    except TemplateSyntaxError as error:
        place = Place(_show(error.filename or error.name or name), error.lineno)
        raise HandoutError.of("template-syntax", str(error.message), place) from None
    except TemplateNotFound as error:
        raise HandoutError.of(
            "template-missing",
            f'no template "{error.name}" in the workspace, the theme or the shipped base',
            _innermost_template(error),
            hint="run: handouts theme list",
        ) from None
    except UndefinedError as error:
        raise HandoutError.of(
            "template-undefined",
            str(error.message),
            _innermost_template(error),
            hint="docs/themes.md lists the values that a template can use",
        ) from None
    except SecurityError as error:
        raise HandoutError.of(
            "template-unsafe",
            str(error.message),
            _innermost_template(error),
            hint="a theme is data: templates can print values, not run or change the program",
        ) from None
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise HandoutError.of("template-failed", f"{error}", _innermost_template(error)) from None
    except RecursionError as error:
        raise HandoutError.of(
            "template-failed",
            "this template includes itself without end",
            _innermost_template(error),
        ) from None


def _show(name: str) -> str:
    return show_path(Path(name)) if Path(name).is_absolute() else name


def _innermost_template(error: BaseException) -> Place | None:
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if frame.filename.endswith(".j2"):
            return Place(_show(frame.filename), frame.lineno or 0)
    return None
