# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Plays the samples against a fleet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from argosy_client.calls import Call
from argosy_client.demo.compare import difference
from argosy_client.demo.samples import Sample, as_dict, samples
from argosy_client.domains.fleet import health_call, models_call
from argosy_client.errors import ArgosyError
from argosy_client.results import Timing
from argosy_client.settings import Settings
from argosy_client.transport import Transport


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one sample.

    Args:
        sample: The sample.
        response: The answer in proto3 JSON; empty where the call failed.
        timing: Where the time went; None where the call failed.
        difference: How the answer differs from the expected one; empty where it does not, or the call failed.
        error: Why the call failed; None where it did not.
    """

    sample: Sample
    response: Mapping[str, Any] = field(default_factory=dict)
    timing: Timing | None = None
    difference: str = ""
    error: ArgosyError | None = None

    @property
    def equal(self) -> bool:
        """Whether the answer is the expected one."""
        return self.error is None and not self.difference

    @property
    def model(self) -> str:
        """Model that answered; empty where the call failed."""
        return str(self.response.get("model", ""))

    @property
    def version(self) -> str:
        """Version that answered; empty where the call failed."""
        return str(self.response.get("version", ""))


def play(address: str | None, *, timeout_s: float = 10.0, only_served: bool = False) -> list[Outcome]:
    """Calls each sample's method once, one after the other; ``only_served`` leaves out models that the fleet lacks.

    Raises:
        ArgosyError: Nothing answers at the address.
    """
    transport = Transport(Settings.of(address, timeout_s, None))
    try:
        transport.send(health_call(""))  # Connects, so that no sample's time has that in it.
        served = {model.name for model in transport.send(models_call(""))} if only_served else None
        return [_outcome(transport, sample) for sample in samples() if served is None or sample.model in served]
    finally:
        transport.close()


def _outcome(transport: Transport, sample: Sample) -> Outcome:
    call = Call(sample.path, sample.message(), sample.response_type, _read, sample.model)
    try:
        response, timing = transport.send(call)
    except ArgosyError as error:
        return Outcome(sample, error=error)
    found = difference(sample.expected_dict(), response, sample.tolerance)
    return Outcome(sample, response, timing, found)


def _read(answer: Message, timing: Timing) -> tuple[dict[str, Any], Timing]:
    return as_dict(answer), timing
