# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Which version a call means, and which model where it names none."""

import re
from collections.abc import Iterable, Mapping

from argosy_worker.errors import MethodNotSupported, ModelInvalid, ModelNotFound, NotReady
from argosy_worker.lifecycle.records import Held, Model
from argosy_worker.lifecycle.state import State

_NUMBER = re.compile("0|[1-9][0-9]*")


def is_number(version: str) -> bool:
    """Whether a version is a number as we write it, in ASCII and without leading zeros; any other text is a label."""
    return _NUMBER.fullmatch(version) is not None


class Defaults:
    """Which model answers a method where the call names none."""

    def __init__(self) -> None:
        self._holders: dict[str, str] = {}

    def of(self, method: str) -> str:
        """Returns the name of a method's default model, or an empty text."""
        return self._holders.get(method, "")

    def claim(self, name: str, methods: Iterable[str]) -> None:
        """Makes a model the default for these methods and no others.

        Raises:
            ModelInvalid: another model is.
        """
        for method in methods:
            holder = self._holders.get(method, name)
            if holder != name:
                raise ModelInvalid(f"default_for: model '{holder}' is the default for {method} already")
        self.release(name)
        self._holders.update(dict.fromkeys(methods, name))

    def release(self, name: str) -> None:
        """Makes a model the default for nothing."""
        self._holders = {method: holder for method, holder in self._holders.items() if holder != name}


def find(model: Model, labels: Mapping[str, int], version: str, method: str | None) -> Held:
    """Finds the version of a model that a call means; it may be put aside.

    Args:
        model: The model.
        labels: Its version labels.
        version: Number or label; empty means the newest that answers.
        method: Method of the domain's service that it must implement; None for tensors.

    Raises:
        ModelNotFound: no such version or label.
        MethodNotSupported: the model lacks the method.
        NotReady: the version is there and does not answer.
    """
    answering = model.answering
    # A model that could not be read has no methods, and saying why comes first.
    if method is not None and answering and model.entry and method not in model.entry.config.methods:
        offered = ", ".join(model.entry.config.methods) or "none: it takes tensors only"
        raise MethodNotSupported(
            f"model '{model.name}' does not implement {method}; it implements {offered}",
            metadata={"model": model.name, "method": method},
        )
    if not version:
        if answering:
            return answering[max(answering)]
        raise _not_ready(model, 0)
    number = int(version) if is_number(version) and len(version) < 19 else labels.get(version, 0)
    if number in answering:
        return answering[number]
    if (number and (number in model.held or number in model.others)) or not answering:
        raise _not_ready(model, number)
    raise ModelNotFound(
        f"Request for unknown model: '{model.name}' version {version} is not found",
        reason="VERSION_NOT_FOUND",
        metadata={"model": model.name, "version": version},
    )


def _not_ready(model: Model, number: int) -> NotReady:
    """Makes the error of a version that does not answer; of the newest where there is none of this number."""
    versions = model.state({}).versions
    version = next((each for each in versions if each.version == number), None) or next(iter(versions), None)
    state = version.state if version else State.UNLOADED
    reason = f": {version.reason}" if version and version.reason else ""
    return NotReady(
        f"model '{model.name}' is not at ready state, it is {state.value}{reason}",
        metadata={"model": model.name, "state": state.value},
        retry_elsewhere=state in (State.LOADING, State.DRAINING),
    )
