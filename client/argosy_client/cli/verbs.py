# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The verbs of ``argosy``: our own, and those that other packages add by entry points. Nothing is loaded here."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

#: Entry point group in which packages add verbs: a typer.Typer, or a function.
GROUP = "argosy.commands"

#: Extra that the verbs of a module or package need, for the line that says what to install.
_EXTRAS = {
    "argosy_client.cli.evaluate": "argosy[evaluate]",
    "argosy_worker.cli.add": "argosy[add]",
    "argosy_worker.cli.optimize": "argosy[add]",
    "argosy_client": "argosy[cli]",
    "argosy_gateway": "argosy[cli,gateway]",
    "argosy_worker": "argosy[cli,worker,cpu]",
}


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb.

    Args:
        name: As typed.
        target: "module:attribute" of a typer.Typer or a function.
        help: One line for the overview.
        kube: Whether it is about a fleet on Kubernetes alone.
    """

    name: str
    target: str
    help: str
    kube: bool = False

    @property
    def install(self) -> str:
        """What to install where the verb cannot be loaded."""
        module = self.target.partition(":")[0]
        package = module.partition(".")[0]
        return _EXTRAS.get(module) or _EXTRAS.get(package, package)


_OWN = (
    Verb("demo", "argosy_client.cli.demo:demo", "Ask each domain once and compare the answers with the known ones."),
    Verb("models", "argosy_client.cli.models:app", "List the models of the fleet, or show one."),
    Verb("workers", "argosy_client.cli.fleet:workers", "List the workers of the fleet."),
    Verb("health", "argosy_client.cli.fleet:health", "Tell whether the fleet answers."),
    Verb("top", "argosy_client.cli.top:top", "Show what each model does now."),
    Verb(
        "drain",
        "argosy_client.cli.kube:drain",
        "Take a worker out of rotation and let it finish (with --kube).",
        kube=True,
    ),
    Verb(
        "logs",
        "argosy_client.cli.kube:logs",
        "Show what a fleet logged of one call (with --kube).",
        kube=True,
    ),
    Verb("vision", "argosy_client.cli.vision:app", "Classify, search, inspect, compare and explain images."),
    Verb("speech", "argosy_client.cli.speech:app", "Classify and recognize speech, recorded or live."),
    Verb("nlp", "argosy_client.cli.nlp:app", "Classify, embed and compare texts, find entities, explain labels."),
    Verb("recommendation", "argosy_client.cli.recommendation:app", "Recommend and rank items, find similar users."),
    Verb(
        "tabular",
        "argosy_client.cli.tabular:app",
        "Predict from rows of features, watch readings, explain predictions.",
    ),
    Verb("evaluate", "argosy_client.cli.evaluate:evaluate", "Measure a model on labelled data."),
    Verb("infer", "argosy_client.cli.infer:infer", "Run any model on tensors."),
    Verb("protos", "argosy_client.cli.protos:app", "Export the fleet's .proto files."),
    Verb(
        "xds-bootstrap",
        "argosy_client.cli.xds_bootstrap:xds_bootstrap",
        "Write what tells gRPC where the control plane is.",
    ),
)


@cache
def verbs() -> Mapping[str, Verb]:
    """All verbs by name: our own first, then the added ones by name; an added verb never replaces one of ours."""
    found = {verb.name: verb for verb in _OWN}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        found.setdefault(entry.name, Verb(entry.name, entry.value, summary(entry.value)))
    return found


def summary(target: str) -> str:
    """First line of the docstring of "module:attribute", read without running the module; empty where unknown."""
    module, _, attribute = target.partition(":")
    try:
        spec = find_spec(module)
        tree = ast.parse(Path(spec.origin).read_text("utf-8")) if spec and spec.origin else ast.Module([], [])
    except (ImportError, OSError, SyntaxError, ValueError):  # It will be told when the verb is used.
        return ""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == attribute]
    docstring = ast.get_docstring(functions[0] if functions else tree) or ""
    return docstring.partition("\n")[0]
