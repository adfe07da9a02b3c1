# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a ScaledObject says of its trigger, as settings."""

from collections.abc import Mapping

from argosy.names import is_model_name

from argosy_gateway import services
from argosy_gateway.scaling.groups import Group
from argosy_gateway.scaling.policy import Settings

#: Keys of the metadata that hold a number, and the setting of each.
NUMBERS = {
    "startSeconds": "start_s",
    "utilization": "utilization",
    "downSeconds": "down_s",
    "idleSeconds": "idle_s",
}
#: Models of one group; the metric that KEDA asks for has the names of all.
MOST_MODELS = 64
#: KEDA's own, which it passes on.
_KEDAS = frozenset({"scalerAddress", "enableTLS", "unsafeSsl", "caCert", "tlsClientCert", "tlsClientKey"})


class TriggerProblem(Exception):
    """Metadata that cannot be used; the text says why."""


def read(metadata: Mapping[str, str]) -> tuple[Group, Settings]:
    """Reads the metadata of a trigger. Raises TriggerProblem."""
    unknown = metadata.keys() - NUMBERS.keys() - _KEDAS - {"domain", "models"}
    if unknown:
        known = ", ".join(("domain", "models", *NUMBERS))
        raise TriggerProblem(f"unknown metadata {', '.join(sorted(unknown))}; there are {known}")
    domain = metadata.get("domain", "")
    if domain not in services.domains():
        raise TriggerProblem(f"domain is {domain!r}; there are {', '.join(services.domains())}")
    models = metadata.get("models", "").strip()
    names = frozenset(filter(None, (name.strip() for name in models.split(","))))
    if models and not names:
        raise TriggerProblem(f"models is {models[:128]!r}, which names none; leave it out where all are meant")
    if len(names) > MOST_MODELS:
        raise TriggerProblem(f"models has {len(names)} names; {MOST_MODELS} is the most")
    for name in sorted(names):
        if not is_model_name(name):
            raise TriggerProblem(f"models has {name[:128]!a}, which is no name of a model")
    given = {NUMBERS[key]: _number(key, text) for key, text in metadata.items() if key in NUMBERS}
    try:
        return Group(domain, names), Settings(**given)
    except ValueError as error:
        raise TriggerProblem(_in_its_words(str(error))) from None


def _in_its_words(text: str) -> str:
    """A sentence about settings with the keys of the metadata in the place of the settings' names."""
    for key, setting in NUMBERS.items():
        text = text.replace(setting, key)
    return text


def _number(key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise TriggerProblem(f"{key} is {text!r}; it must be a number") from None
