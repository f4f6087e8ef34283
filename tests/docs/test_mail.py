"""What docs/mail.md says of settings, providers, states and commands is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from handouts.cli import cli
from handouts.model.mail import Login, MailSettings
from handouts.post.entry import State
from handouts.post.presets import PRESETS
from handouts.post.secrets import VARIABLE
from handouts.problem import Report
from handouts.source.settings import parse_settings

PAGE = (Path(__file__).parents[2] / "docs" / "mail.md").read_text(encoding="utf-8")
EXCERPTS = re.findall(r'^```toml(?: title="[^"]+")?\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(\w+)`[^|]*\| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)


@pytest.mark.parametrize("text", EXCERPTS)
def test_an_excerpt_is_a_settings_file(text: str) -> None:
    report = Report()
    assert parse_settings(text.encode(), "handouts.toml", report)
    assert list(report) == []


def test_there_are_excerpts() -> None:
    assert len(EXCERPTS) >= 3


def test_the_table_of_providers_has_their_limits() -> None:
    rows = {name: (wants, limits) for name, wants, limits in ROW.findall(PAGE)}
    assert set(rows) == {str(provider) for provider in PRESETS}
    for provider, preset in PRESETS.items():
        wants, limits = rows[provider]
        assert f"{preset.per_day:,} a day" in limits
        assert f"{preset.megabytes} MB" in limits
        assert ("30 a minute" in limits) == bool(preset.pause)
        assert wants.startswith("a token") == (preset.login is Login.XOAUTH2)


def test_every_state_that_lasts_is_explained() -> None:
    for state in set(State) - {State.PENDING, State.SENDING}:
        assert f"\n| {state.replace('-', ' ')} | " in PAGE


def test_the_promise_stands_there() -> None:
    assert "**Accepted by the server at most once, unless you order it again.**" in PAGE
    assert "**Nothing is silently lost.**" in PAGE
    assert VARIABLE in PAGE


def test_every_option_and_setting_that_is_named_is_there() -> None:
    help_text = "".join(
        CliRunner().invoke(cli, [*words, "--help"]).output
        for words in (
            ["mail"],
            ["doctor"],
            ["render"],
            *(["outbox", name] for name in ("list", "show", "retry", "resolve", "export")),
        )
    )
    assert [
        name for name in set(re.findall(r"--[a-z][a-z-]+", PAGE)) if name not in help_text
    ] == []
    keys = set(re.findall(r"^(\w+) = ", "\n".join(EXCERPTS), re.MULTILINE))
    assert keys - {"name", "telephone", "email"} <= set(MailSettings.model_fields)
