# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tables of the settings of each program."""

import dataclasses
import inspect
import re
from collections.abc import Mapping
from typing import Any

import typer
from argosy_client import settings as client_settings
from argosy_client.kube import settings as kube_settings
from argosy_gateway import settings as gateway_settings
from argosy_gateway.cli.up import up as up_command
from argosy_worker import settings as worker_settings

from tools.reference_tables.markdown import code, table

#: Defaults that depend on the machine.
_BY_MACHINE = {"decode_threads": "the number of processors, at most 4"}
_CONSTANT = re.compile(r"((?:^#: .*\n)+)^([A-Z_]+) = ", re.M)


def worker() -> str:
    """Settings of the worker."""
    return _program(worker_settings.Settings, worker_settings.HELP, worker_settings.PREFIX, positional="domain")


def control_plane() -> str:
    """Settings of the control plane."""
    own = gateway_settings._VARIABLES
    return _program(gateway_settings.Settings, gateway_settings._HELP, gateway_settings._PREFIX, variables=own)


def client() -> str:
    """What is fixed in the client, and the variables that it reads."""
    rows = []
    for module in (client_settings, kube_settings):
        for comment, name in _CONSTANT.findall(inspect.getsource(module)):
            text = " ".join(line.removeprefix("#:").strip() for line in comment.splitlines())
            rows.append((code(name), code(getattr(module, name)), text))
    return table(("constant", "value", "meaning"), rows)


def up() -> str:
    """Options of ``argosy up``."""
    app = typer.Typer()
    app.command()(up_command)
    rows = []
    for parameter in typer.main.get_command(app).params:
        if not (given := getattr(parameter, "help", None)) or parameter.name in (
            "install_completion",
            "show_completion",
        ):
            continue
        default: Any = parameter.default
        rows.append((code(parameter.opts[0]), "off" if default is False else code(default), given))
    return table(("option", "default", "meaning"), rows)


def _program(
    settings: type[Any],
    meanings: Mapping[str, str],
    prefix: str,
    positional: str = "",
    variables: Mapping[str, str] | None = None,
) -> str:
    """``variables`` are those whose names do not follow from the settings'."""
    own = variables or {}
    rows = []
    for field in dataclasses.fields(settings):
        option = field.name.upper() if field.name == positional else f"--{field.name.replace('_', '-')}"
        variable = "" if field.name == positional else code(own.get(field.name, prefix + field.name.upper()))
        rows.append((code(option), variable, _default(field), meanings[field.name]))
    return table(("option", "variable", "default", "meaning"), rows)


def _default(field: "dataclasses.Field[Any]") -> str:
    if field.name in _BY_MACHINE:
        return _BY_MACHINE[field.name]
    if field.default is dataclasses.MISSING:
        return "required"
    if field.type is bool:
        return "yes" if field.default else "no"
    return "empty" if field.default in ("", None) else code(field.default)
