# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The root group: lists verbs without loading them, loads the one that is used, and ends every run in one place."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from argosy_client.cli.errors import UsageError, report_usage
from argosy_client.cli.verbs import Verb, verbs

_COMPLETION_PARAMETERS = ("install_completion", "show_completion")


class LazyGroup(TyperGroup):
    """A group whose verbs are stand-ins, good for help and completion, until one is used."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for verb in verbs().values():
            self.commands[verb.name] = TyperCommand(verb.name, help=verb.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Loads the verb that is used. Raises UsageError where it and ``--kube`` do not go together."""
        if args and args[0] in verbs():
            verb = verbs()[args[0]]
            self.commands[verb.name] = loaded = load(verb)
            if ctx.params.get("kube"):
                if not verb.kube:
                    _refuse_what_asks_no_fleet(loaded)
            elif verb.kube and not {"-h", "--help"} & set(args) and not ctx.resilient_parsing:
                raise UsageError(f"'{verb.name}' is about a fleet on Kubernetes: argosy --kube {verb.name} ...")
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Runs the command line; wrong usage is one line and exit code 2, an interrupt is quiet and 130."""
        arguments = sys.argv[1:] if args is None else list(args)
        try:
            code = super().main(arguments, prog_name or "argosy", complete_var, False, windows_expand_args, **extra)
        except UsageError as error:
            report_usage(error, as_json="--json" in arguments)
            code = 2
        except (KeyboardInterrupt, typer.Abort):
            code = 130
        sys.exit(code if isinstance(code, int) else 0)


def load(verb: Verb) -> Any:
    """Imports a verb's command. Raises UsageError, with what to install, where its package is not there."""
    module, _, attribute = verb.target.partition(":")
    try:
        target = getattr(import_module(module), attribute)
    except ImportError as error:
        missing = f"'{error.name}' is not installed" if error.name else str(error)
        raise UsageError(f"'argosy {verb.name}' is not available ({missing}): install '{verb.install}'") from error
    if not isinstance(target, typer.Typer):
        target = _app_of(target)
    command = typer.main.get_command(target)
    command.name = verb.name
    command.params = [one for one in command.params if one.name not in _COMPLETION_PARAMETERS]
    return command


def _app_of(function: Any) -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command()(function)
    return app


def _refuse_what_asks_no_fleet(command: Any) -> None:
    """Lets the commands that have no --address, which would ignore --kube, say so."""
    below = getattr(command, "commands", None)
    if below is not None:
        for one in below.values():
            _refuse_what_asks_no_fleet(one)
    elif all(one.name != "address" for one in command.params):
        command.callback = _refuse


def _refuse(**_: object) -> None:
    raise UsageError("this command asks no fleet: leave --kube out")
