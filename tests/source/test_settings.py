"""Every problem of ``handouts.toml`` has its line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts.problem import HandoutError, Report
from handouts.source.layers import list_variables, user_settings_file
from handouts.source.settings import gather_settings, parse_settings, read_variables
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

TOML_HINT = "compare the line with one that works; text stands in quotes"


def problems(text: str) -> list[str]:
    report = Report()
    parse_settings(text.encode(), "handouts.toml", report)
    return [f"{problem.place}: {problem.code} | {problem.hint}" for problem in report.sorted()]


def test_settings_are_read() -> None:
    report = Report()
    text = '[trainer]\nname = "Ann"\n[print]\npaper = "letter"\n'
    settings = parse_settings(text.encode(), "handouts.toml", report)
    assert settings is not None
    assert (settings.trainer.name, settings.print.paper) == ("Ann", "letter")
    assert list(report) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[trainer]\nnmae = "A"\n', ['handouts.toml:2:1: unknown-key | did you mean "name"?']),
        ("[trainr]\n", ['handouts.toml:1:2: unknown-key | did you mean "trainer"?']),
        ('print.paper = "a5"\n', ["handouts.toml:1:1: not-a-choice | "]),
        (
            '[print]\n# no\n  size = "lage"\n',
            ['handouts.toml:3:3: not-a-choice | did you mean "large"?'],
        ),
        (
            "[trainer]\ntelephone = 447700900123\n",
            ['handouts.toml:2:1: wrong-shape | put it in quotes: "447700900123"'],
        ),
        (
            '[trainer]\nname = "a\\u202eb"\n',
            ["handouts.toml:2:1: bad-character | delete it"],
        ),
        (
            "[trainer]\nname = Ann\n",
            [f"handouts.toml:2:8: toml-syntax | {TOML_HINT}"],
        ),
        (
            '[trainer]\nname = """\nprint = \n[print]"""\nemial = "x"\n',
            ['handouts.toml:5:1: unknown-key | did you mean "email"?'],
        ),
        ("a = " + "[" * 5000, ["handouts.toml: too-deep | "]),
    ],
)
def test_a_problem_says_where_and_what_instead(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = 2026-99-99", "x", "\0"])
def test_nothing_in_the_file_raises(text: str) -> None:
    assert problems(text)


def test_settings_that_are_wrong_stop_the_work(workspace: Workspace) -> None:
    assert workspace.settings_file
    workspace.settings_file.write_text("[trainr]\n", encoding="utf-8")
    with pytest.raises(HandoutError) as caught:
        _ = workspace.settings
    assert [problem.code for problem in caught.value.report] == ["unknown-key"]


@pytest.fixture
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's own settings, which hold a name, a telephone number and a paper."""
    monkeypatch.setenv("HANDOUTS_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    text = '[trainer]\nname = "Zoe"\ntelephone = "1"\n[print]\npaper = "letter"\nink = "mono"\n'
    user_settings_file().write_text(text, encoding="utf-8")
    return user_settings_file()


def test_each_key_comes_from_the_layer_that_wins(
    workspace: Workspace, user_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Environment before workspace before the user's folder before the defaults."""
    assert user_file.is_file()
    assert workspace.settings_file
    text = '[trainer]\nname = "Ann"\n[print]\npaper = "a4"\nsize = "large"\n'
    workspace.settings_file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("HANDOUTS_SIZE", "standard")
    monkeypatch.setenv("HANDOUTS_TRAINER_PRACTICE", "Hips & Co")
    monkeypatch.setenv("HANDOUTS_THEME", "")
    settings = workspace.settings
    trainer, look = settings.trainer, settings.print
    assert (trainer.name, trainer.telephone, trainer.practice) == ("Ann", "1", "Hips & Co")
    assert (look.paper, look.size, look.ink, look.theme) == ("a4", "standard", "mono", "clear")


def test_the_users_folder_serves_without_a_workspace(user_file: Path) -> None:
    assert user_file.is_file()
    assert Workspace().settings.trainer.name == "Zoe"
    assert Workspace().settings.print.paper == "letter"


def test_the_problems_of_all_layers_come_together(
    workspace: Workspace, user_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workspace.settings_file
    workspace.settings_file.write_text("[trainr]\n", encoding="utf-8")
    user_file.write_text('[trainer]\nlogo = "logo.png"\n', encoding="utf-8")
    monkeypatch.setenv("HANDOUTS_PAPER", "leter")
    report = Report()
    assert gather_settings(workspace, report) is None
    assert [problem.code for problem in report] == [
        "picture-outside",
        "unknown-key",
        "not-a-choice",
    ]
    assert str(report.problems[2]) == (
        'HANDOUTS_PAPER: error[not-a-choice] print.paper: "leter" is none of a4, letter\n'
        '  hint: did you mean "letter"?'
    )


def test_a_variable_that_is_mistyped_is_named_and_a_strange_one_is_not() -> None:
    report = Report()
    strange = {"HANDOUTS_PAPPER": "a4", "HANDOUTS_WEATHER": "x", "PAPER": "x"}
    assert read_variables(strange, report)
    (problem,) = report
    assert str(problem) == (
        "HANDOUTS_PAPPER: warning[unknown-variable] there is no variable of this name\n"
        '  hint: did you mean "HANDOUTS_PAPER"?'
    )


def test_a_hidden_character_in_a_variable_is_a_problem() -> None:
    report = Report()
    assert read_variables({"HANDOUTS_TRAINER_NAME": "A\u202eb"}, report) is None
    assert [str(problem.place) for problem in report] == ["HANDOUTS_TRAINER_NAME"]


def test_the_systems_folder_is_used_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HANDOUTS_CONFIG_DIR")
    assert user_settings_file().name == "handouts.toml"
    assert user_settings_file().is_absolute()


def test_mail_is_set_in_every_layer(
    workspace: Workspace, user_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workspace.settings_file
    workspace.settings_file.write_text('[mail]\nhost = "a.example"\nport = 587\n', encoding="utf-8")
    user_file.write_text(
        '[mail]\nhost = "b.example"\nuser = "ann"\ntoken_command = "token"\n', encoding="utf-8"
    )
    monkeypatch.setenv("HANDOUTS_MAIL_PORT", "465")
    mail = workspace.settings.mail
    assert (mail.host, mail.port, mail.user, mail.token_command) == (
        "a.example",
        465,
        "ann",
        "token",
    )


@pytest.mark.parametrize("key", ["token_command", "password_file"])
def test_a_workspace_does_not_say_what_runs_or_is_read(
    workspace: Workspace, user_file: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Somebody else may have written it; the environment and the user's own file may say it."""
    assert workspace.settings_file
    workspace.settings_file.write_text(f'[mail]\n{key} = "x"\n', encoding="utf-8")
    with pytest.raises(HandoutError) as caught:
        _ = workspace.settings
    (problem,) = caught.value.report
    assert problem.code == "own-settings"
    assert str(user_file) in problem.hint
    assert problem.place
    assert (problem.place.line, problem.place.column) == (2, 1)
    workspace.settings_file.write_text("", encoding="utf-8")
    monkeypatch.setenv(f"HANDOUTS_MAIL_{key.upper()}", "y")
    again = Workspace(workspace.root, workspace.settings_file)
    assert getattr(again.settings.mail, key) == "y"


def test_the_password_is_no_part_of_what_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor a mistyped variable: it is read elsewhere, and never written down."""
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", "hunter2")
    assert "HANDOUTS_SMTP_PASSWORD" not in list_variables()
    report = Report()
    assert read_variables({"HANDOUTS_SMTP_PASSWORD": "hunter2"}, report)
    assert list(report) == []
