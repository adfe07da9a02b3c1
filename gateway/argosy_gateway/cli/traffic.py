# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy models traffic``: how the versions of a model share its calls, in the fleet document."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from argosy_gateway.cli.models import FLEET, Fleet, Json, Name, already, refuse, tell

if TYPE_CHECKING:
    from argosy_gateway.document import ModelEntry


def traffic(
    name: Name,
    shares: Annotated[
        list[str] | None,
        typer.Argument(metavar="[VERSION=PERCENT]...", help="Shares of the calls, such as stable=90 canary=10."),
    ] = None,
    mirror: Annotated[
        list[str] | None,
        typer.Option("--mirror", metavar="VERSION=PERCENT", help="Copy calls to a version, such as canary=5."),
    ] = None,
    no_split: Annotated[bool, typer.Option("--no-split", help="Leave the choice to the worker again.")] = False,
    no_mirror: Annotated[bool, typer.Option("--no-mirror", help="Copy no calls any more.")] = False,
    fleet: Fleet = FLEET,
    as_json: Json = False,
) -> None:
    """Share the calls of a model out between its versions, by label or number, or copy some; without shares, show."""
    from argosy_gateway import document, document_edit
    from argosy_gateway.document import DocumentError

    try:
        split_wanted = _wanted(shares, no_split, "--no-split")
        mirror_wanted = _wanted(mirror, no_mirror, "--no-mirror")
        changed = document_edit.set_traffic(fleet, name, split_wanted, mirror_wanted)
        entry = document.load(fleet).models.get(name)
    except (DocumentError, OSError, ValueError) as error:
        refuse(error, as_json)
    asked = split_wanted is not None or mirror_wanted is not None
    facts = {"model": name, **_facts(entry), "changed": changed, "fleet": str(fleet)}
    done = f"shared out as below in {fleet}{already(changed)}" if asked else f"in {fleet}"
    if not facts["versions"]:
        done = f"no shares in {fleet}{already(changed) if asked else ''}: workers choose, their newest version"
    tell(facts, done, as_json)
    if facts["versions"] and not as_json:
        _print_table(facts)


def _wanted(texts: list[str] | None, none: bool, option: str) -> dict[str, float] | None:
    """Reads shares; None where nothing is said about them."""
    if texts and none:
        raise ValueError(f"either name shares or use {option}")
    if not texts:
        return {} if none else None
    found: dict[str, float] = {}
    for text in texts:
        version, sign, percent = text.partition("=")
        try:
            value = float(percent)
        except ValueError:
            value = -1.0
        if not sign or not version or not 0 <= value <= 100:
            raise ValueError(f"'{text}' is not VERSION=PERCENT, such as stable=90")
        if version in found:
            raise ValueError(f"'{version}' is given twice")
        found[version] = int(value) if value.is_integer() else value
    return found


def _facts(entry: "ModelEntry | None") -> dict[str, Any]:
    if entry is None:
        return {"split": {}, "mirror": {}, "versions": {}}
    split, mirror = entry.traffic.split, entry.traffic.mirror
    versions = {each: entry.labels[each] if each in entry.labels else int(each) for each in (*split, *mirror)}
    return {"split": split, "mirror": mirror, "versions": versions}


def _print_table(facts: dict[str, Any]) -> None:
    from argosy_client.cli.output import cell, console, number, table

    shown = table("name", "version", "calls %", "copies %", numeric=["version", "calls %", "copies %"])
    for each, version in facts["versions"].items():
        percents = (facts[kind].get(each) for kind in ("split", "mirror"))
        shares = ["-" if percent is None else number(percent) for percent in percents]
        shown.add_row(cell(each), cell(version), *(cell(share) for share in shares))
    console().print(shown)
