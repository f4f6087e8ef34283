"""Turn an account into its password or token, which is never an argument and never in a log."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.model.mail import Login
from handouts.problem import ExitCode, HandoutError, Place
from handouts.source.layers import user_settings_file

if TYPE_CHECKING:
    from handouts.post.presets import Server

VARIABLE = "HANDOUTS_SMTP_PASSWORD"
_FILE = "mail-password"
_PATIENCE = 120  # seconds for a token command, which may open a browser
_MOST_BYTES = 10_000


def find_secret(server: Server) -> str:
    """Return the password or the token; empty for a server that asks for none.

    A password is taken from the environment, the system's own safe, or a file, in this order.

    Raises:
        HandoutError: ``no-mail-password``, ``password-file`` or ``token-command``.
    """
    if server.login is Login.NONE:
        return ""
    if server.login is Login.XOAUTH2:
        return _ask_for_token(server)
    found = os.environ.get(VARIABLE) or _ask_keyring(server) or _read_file(server)
    if found:
        return found
    file = _password_file(server)
    raise HandoutError.of(
        "no-mail-password",
        f"there is no password for {server.user} at {server.host}",
        hint=f"keep it with: keyring set {keyring_service(server)} {server.user}  (pip install "
        f'"handouts[keyring]"), or in {file}, readable for you alone, or in {VARIABLE}',
        exit_code=ExitCode.DELIVERY,
    )


def keyring_service(server: Server) -> str:
    """Return the name under which the system's safe keeps the password."""
    return f"handouts:{server.host}"


def _ask_keyring(server: Server) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:  # an extra that need not be there
        return None
    try:
        return keyring.get_password(keyring_service(server), server.user)
    except (KeyringError, OSError, RuntimeError):  # a machine without a desktop
        return None


def _password_file(server: Server) -> Path:
    if server.password_file:
        return Path(server.password_file).expanduser()
    return user_settings_file().with_name(_FILE)


def _read_file(server: Server) -> str | None:
    file = _password_file(server)
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            text = stream.read(_MOST_BYTES).decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        why = f"it cannot be read ({getattr(error, 'strerror', None) or 'it is not text'})"
        raise _bad_file(file, why, "save the password as one line of text") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise _bad_file(file, "others may read it", f'run: chmod 600 "{file}"')
    lines = text.splitlines()
    if len(lines) > 1 and any(lines[1:]):
        raise _bad_file(file, "it has more than one line", "leave only the password in it")
    return lines[0].strip() if lines else None


def _bad_file(file: Path, why: str, hint: str) -> HandoutError:
    message = f"the file with the password is not used: {why}"
    place = Place(str(file))
    return HandoutError.of("password-file", message, place, hint=hint, exit_code=ExitCode.DELIVERY)


def _ask_for_token(server: Server) -> str:
    if not server.token_command:
        raise _bad_token(
            f"{server.label or server.host} wants a token, and there is no command that prints one",
            server.advice or 'write token_command = "…" under [mail] in your own settings',
        )
    try:
        words = shlex.split(server.token_command, posix=os.name == "posix")
        ran = subprocess.run(  # noqa: S603  from the user's own settings, not from a workspace
            words, stdout=subprocess.PIPE, timeout=_PATIENCE, check=False
        )
    except (OSError, ValueError, IndexError) as error:
        raise _bad_token(f"the token command cannot be run: {error}", "check its path") from None
    except subprocess.TimeoutExpired:
        why = f"the token command took longer than {_PATIENCE} seconds"
        raise _bad_token(why, "run it yourself and see what it waits for") from None
    token = ran.stdout.decode("ascii", "replace").strip()
    # RFC 6750, section 2.1, allows neither spaces nor controls.
    if ran.returncode or not token or not token.isprintable() or len(token.split()) != 1:
        what = f"ended with {ran.returncode}" if ran.returncode else "did not print one token"
        raise _bad_token(f"the token command {what}", "run it yourself and see what it says")
    return token


def _bad_token(message: str, hint: str) -> HandoutError:
    return HandoutError.of("token-command", message, hint=hint, exit_code=ExitCode.DELIVERY)
