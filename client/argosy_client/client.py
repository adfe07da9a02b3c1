# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The blocking client."""

import time
from collections.abc import Iterator
from types import TracebackType

from argosy_client.domains import fleet
from argosy_client.domains.nlp import Nlp
from argosy_client.domains.recommendation import Recommendation
from argosy_client.domains.speech import Speech
from argosy_client.domains.tabular import Tabular
from argosy_client.domains.tensors import Tensors
from argosy_client.domains.vision import Vision
from argosy_client.errors import ArgosyError
from argosy_client.fleet_results import HealthStatus, Model, ModelUpdate, Worker
from argosy_client.readiness import PAUSE_S, Readiness
from argosy_client.settings import Compression, Settings
from argosy_client.transport import Transport


class Argosy:
    """A fleet, for blocking code. Safe to share between threads; connects with the first call.

    Args:
        address: "host:port" of the gateway; None takes the environment variable ARGOSY_ADDRESS, or 127.0.0.1:8080.
            "xds:///" calls workers without a proxy, as told by the control plane at ARGOSY_XDS, or 127.0.0.1:18000.
        timeout_s: Deadline of each call that names none, in seconds.
        compression: How requests are compressed: "gzip", "deflate" or None.

    Every method raises ArgosyError for a call that failed. ValueError is raised for settings that cannot be used.
    """

    def __init__(
        self, address: str | None = None, *, timeout_s: float = 10.0, compression: Compression | None = None
    ) -> None:
        self._transport = Transport(Settings.of(address, timeout_s, compression))
        self.vision = Vision(self._transport)
        self.speech = Speech(self._transport)
        self.nlp = Nlp(self._transport)
        self.recommendation = Recommendation(self._transport)
        self.tabular = Tabular(self._transport)
        self.tensors = Tensors(self._transport)

    @property
    def address(self) -> str:
        """Where the fleet is."""
        return self._transport.settings.address

    def models(self, domain: str = "", *, timeout_s: float | None = None) -> list[Model]:
        """Lists models by domain and name; an empty domain selects all."""
        return self._transport.send(fleet.models_call(domain), timeout_s)

    def model(self, name: str, *, timeout_s: float | None = None) -> Model:
        """Gets one model. Raises NotFoundError for an unknown one."""
        return self._transport.send(fleet.model_call(name), timeout_s)

    def workers(self, domain: str = "", *, timeout_s: float | None = None) -> list[Worker]:
        """Lists workers by domain and address; an empty domain selects all."""
        return self._transport.send(fleet.workers_call(domain), timeout_s)

    def watch_models(self, domain: str = "", *, timeout_s: float | None = None) -> Iterator[ModelUpdate]:
        """Yields every model once, then "synced", then each change; without a timeout it never ends by itself.

        Raises UnavailableError when the control plane stops: begin again to go on.
        """
        return self._transport.stream(fleet.watch_call(domain), timeout_s)

    def health(self, service: str = "", *, timeout_s: float | None = None) -> HealthStatus:
        """Tells whether the fleet ("": every domain), a service by full name, or "model/NAME" answers.

        Raises NotFoundError for an unknown service or model.
        """
        return self._transport.send(fleet.health_call(service), timeout_s)

    def wait_until_ready(self, timeout_s: float, *, service: str = "") -> None:
        """Returns once health says SERVING. Raises DeadlineExceededError when it does not in time."""
        readiness = Readiness(self.address, service, timeout_s)
        while True:
            try:
                if readiness.ready(self.health(service, timeout_s=readiness.remaining_s())):
                    return
            except ArgosyError as error:
                readiness.failed(error)
            time.sleep(min(PAUSE_S, readiness.remaining_s()))

    def close(self) -> None:
        """Closes the connections; calls in progress fail with CANCELLED."""
        self._transport.close()

    def __enter__(self) -> "Argosy":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
