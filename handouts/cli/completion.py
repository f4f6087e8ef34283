"""Turn a shell's name into the script that completes commands, slugs and themes in it."""

from __future__ import annotations

import os
import sys
from pathlib import PurePath

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    split_arg_string,
)

from handouts.problem import ExitCode, HandoutError

_VARIABLE = "_HANDOUTS_COMPLETE"
_INSTALL = {
    "bash": 'add to ~/.bashrc: eval "$(handouts completion bash)"',
    "zsh": 'add to ~/.zshrc: eval "$(handouts completion zsh)"',
    "fish": "run: handouts completion fish > ~/.config/fish/completions/handouts.fish",
    "powershell": "add to $PROFILE: handouts completion powershell | Out-String | iex",
}

# The word under the cursor is passed apart, because it may be empty or half typed.
_POWERSHELL_SOURCE = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:%(complete_var)s = "powershell_complete"
    $env:COMP_WORDS = $commandAst.ToString()
    $env:COMP_WORD = $wordToComplete
    try {
        %(prog_name)s | Where-Object { $_ } | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new(
                $value, $value, "ParameterValue", $help)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_WORD
    }
}
"""


class PowerShellComplete(ShellComplete):
    """Completion for PowerShell 5 and later: one candidate a line, a tab before its help."""

    name = "powershell"
    source_template = _POWERSHELL_SOURCE

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor's, and the cursor's own."""
        incomplete = os.environ.get("COMP_WORD", "")
        words = split_arg_string(os.environ.get("COMP_WORDS", ""))[1:]
        if incomplete and words and words[-1] == incomplete:
            words.pop()
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Return one line for a candidate."""
        return f"{item.value}\t{' '.join(item.help.split())}" if item.help else str(item.value)


_CLASSES: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
    "powershell": PowerShellComplete,
}


@click.command("completion")
@click.argument("shell", type=click.Choice(tuple(_CLASSES)), required=False)
@click.pass_context
def command(ctx: click.Context, shell: str | None) -> None:
    """Print the script that completes commands, exercises and themes.

    Without a shell's name, it is the one that you use.
    """
    shell = shell or _detect_shell()
    click.echo(_CLASSES[shell](ctx.find_root().command, {}, "handouts", _VARIABLE).source())
    if sys.stdout.isatty():
        click.echo(f"To have it always, {_INSTALL[shell]}", err=True)


def _detect_shell() -> str:
    name = PurePath(os.environ.get("SHELL", "")).name
    if os.name == "nt" or name == "pwsh":
        return "powershell"
    if name in _CLASSES:
        return name
    raise HandoutError.of(
        "unknown-shell",
        "it cannot be told which shell you use",
        hint=f"name it: handouts completion {'|'.join(_CLASSES)}",
        exit_code=ExitCode.USAGE,
    )
