"""Passwords come from the environment, the system's safe or a private file; tokens are printed."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError

from handouts.model.mail import Login, Security
from handouts.post.presets import Server
from handouts.post.secrets import find_secret
from handouts.problem import ExitCode, HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = Server("mail.example.org", 465, Security.TLS, Login.PASSWORD, "ann", "ann@example.org")


class Safe(KeyringBackend):
    """A safe in memory, or one that is not there."""

    priority = 1
    kept: dict[tuple[str, str], str]
    is_there = True

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept."""
        if not self.is_there:
            raise NoKeyringError
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def safe() -> Iterator[Safe]:
    """Return an empty safe in the place of this machine's."""
    before, made = keyring.get_keyring(), Safe()  # type: ignore[no-untyped-call]
    made.kept = {}
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the file with the password would be."""
    monkeypatch.setenv("HANDOUTS_CONFIG_DIR", str(tmp_path))
    monkeypatch.delenv("HANDOUTS_SMTP_PASSWORD", raising=False)
    return tmp_path / "mail-password"


def fault(server: Server = SERVER) -> str:
    with pytest.raises(HandoutError) as caught:
        find_secret(server)
    assert caught.value.exit_code is ExitCode.DELIVERY
    (problem,) = caught.value.report
    return str(problem)


def write(file: Path, text: str, mode: int = 0o600) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)


def test_the_first_that_is_there_is_taken(
    safe: Safe, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(file, "from the file\n")
    assert find_secret(SERVER) == "from the file"
    safe.set_password("handouts:mail.example.org", "ann", "from the safe")
    assert find_secret(SERVER) == "from the safe"
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", "from the environment")
    assert find_secret(SERVER) == "from the environment"


def test_a_machine_without_a_safe_does_with_the_file(safe: Safe, file: Path) -> None:
    safe.is_there = False
    write(file, "from the file")
    assert find_secret(SERVER) == "from the file"


def test_without_keyring_installed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    write(file, "from the file")
    assert find_secret(SERVER) == "from the file"


def test_none_at_all_says_where_to_put_one(file: Path) -> None:
    said = fault()
    assert "error[no-mail-password] there is no password for ann at mail.example.org" in said
    assert "keyring set handouts:mail.example.org ann" in said
    assert str(file) in said


def test_another_file_can_be_named(tmp_path: Path) -> None:
    other = tmp_path / "other"
    write(other, "hunter2")
    assert find_secret(replace(SERVER, password_file=str(other))) == "hunter2"


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_is_not_used(file: Path, mode: int) -> None:
    write(file, "hunter2", mode)
    said = fault()
    assert "password-file" in said
    assert "chmod 600" in said
    assert "hunter2" not in said


def test_a_file_that_is_no_password(file: Path) -> None:
    write(file, "one\ntwo\n")
    assert "more than one line" in fault()
    file.write_bytes(b"\xff\xfe")
    assert "it is not text" in fault()
    write(file, "")
    assert "no-mail-password" in fault()


def test_no_login_no_secret() -> None:
    assert find_secret(replace(SERVER, login=Login.NONE)) == ""


def token_server(command: str | None) -> Server:
    changed: dict[str, Any] = {"login": Login.XOAUTH2, "token_command": command}
    return replace(SERVER, **changed)


def python(code: str) -> str:
    return f'"{sys.executable}" -c "{code}"'


def test_a_command_prints_a_token() -> None:
    assert find_secret(token_server(python("print('ya29.a-b_c')"))) == "ya29.a-b_c"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (None, "there is no command that prints one"),
        ("/no/such/program", "cannot be run"),
        ('"', "cannot be run"),
        (" ", "cannot be run"),
        (python("print('two words')"), "did not print one token"),
        (python("print()"), "did not print one token"),
        (python("print('a\\\\x01b')"), "did not print one token"),
        (python("print('secret'); raise SystemExit(3)"), "ended with 3"),
    ],
)
def test_a_command_that_prints_none(command: str | None, said: str) -> None:
    text = fault(token_server(command))
    assert "token-command" in text
    assert said in text
    assert "secret" not in text


def test_a_command_is_not_given_to_a_shell(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    assert "ya29" in find_secret(token_server(python("print('ya29')") + f" ; touch {mark}"))
    assert not mark.exists()
