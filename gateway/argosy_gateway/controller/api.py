# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the controller writes to the API server: status and events."""

import contextlib
import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import urllib3
from kubernetes import client, config

from argosy_gateway import model_resource

#: Longest time that one request may take, in seconds.
_REQUEST_S = 5.0
_REPORTER = "argosy-controller"
#: Requests that came to nothing, but for those that the API server refused: it was not reached, an answer of status 200
#: is not one of its own (a proxy's page is no JSON, or no such object: ValueError), or who calls is not known just now.
NO_ANSWER = (urllib3.exceptions.HTTPError, OSError, ValueError, config.ConfigException)
_MERGED: Any = {"_request_timeout": _REQUEST_S, "_content_type": "application/merge-patch+json"}


class WriteFailed(Exception):
    """The API server did not take something; the text says why."""


class Outdated(WriteFailed):
    """The resource has changed since it was read."""


class Api:
    """Writes. Its methods block.

    Args:
        api: The client to use.
        namespace: Namespace of the resources.
        identity: Name of this controller, for events.
    """

    def __init__(self, api: client.ApiClient, namespace: str, identity: str) -> None:
        self._resources = client.CustomObjectsApi(api)
        self._core = client.CoreV1Api(api)
        self._namespace = namespace
        self._path = (model_resource.GROUP, model_resource.VERSION, namespace, model_resource.PLURAL)
        self._identity = identity

    def write_status(self, resource: Mapping[str, Any], status: Mapping[str, Any]) -> Mapping[str, Any]:
        """Writes the status of a ``Model`` as it was read, and returns the resource as it is then.

        Raises:
            Outdated: it has changed meanwhile: who is controller now may have written.
            WriteFailed: for another reason.
        """
        about = resource["metadata"]
        patch = {"metadata": {"resourceVersion": about["resourceVersion"]}, "status": dict(status)}
        with _problems():
            return _resource(
                self._resources.patch_namespaced_custom_object_status(*self._path, about["name"], patch, **_MERGED)
            )

    def change(self, resource: Mapping[str, Any], patch: Mapping[str, Any]) -> None:
        """Changes a ``Model`` as it was read. Raises Outdated and WriteFailed, as :meth:`write_status`."""
        about = resource["metadata"]
        metadata = {**patch.get("metadata", {}), "resourceVersion": about["resourceVersion"]}
        with _problems():
            _resource(
                self._resources.patch_namespaced_custom_object(
                    *self._path, about["name"], {**patch, "metadata": metadata}, **_MERGED
                )
            )

    def tell(self, resource: Mapping[str, Any], reason: str, message: str, *, warning: bool) -> None:
        """Emits an event about a ``Model``. Raises WriteFailed."""
        about, now = resource["metadata"], datetime.datetime.now(datetime.UTC)
        event = client.CoreV1Event(
            metadata=client.V1ObjectMeta(generate_name=f"{about['name']}.", namespace=self._namespace),
            involved_object=client.V1ObjectReference(
                api_version=f"{model_resource.GROUP}/{model_resource.VERSION}",
                kind=model_resource.KIND,
                name=about["name"],
                namespace=self._namespace,
                uid=about.get("uid"),
                resource_version=about.get("resourceVersion"),
            ),
            type="Warning" if warning else "Normal",
            reason=reason,
            message=message[:1000],
            source=client.V1EventSource(component=_REPORTER, host=self._identity),
            reporting_component=_REPORTER,
            reporting_instance=self._identity,
            first_timestamp=now,
            last_timestamp=now,
            count=1,
        )
        with _problems():
            self._core.create_namespaced_event(self._namespace, event, _request_timeout=_REQUEST_S)


@contextlib.contextmanager
def _problems() -> Iterator[None]:
    """Turns whatever can go wrong on the way into a WriteFailed."""
    try:
        yield
    except client.ApiException as error:
        kind = Outdated if error.status in (404, 409) else WriteFailed
        raise kind(f"{error.status} {error.reason}") from error
    except NO_ANSWER as error:
        raise WriteFailed(" ".join(str(error).split())) from error


def _resource(answer: Any) -> Mapping[str, Any]:
    """The resource that an answer is. Raises ValueError: the client takes a proxy's page for one."""
    if isinstance(answer, Mapping) and "resourceVersion" in answer.get("metadata", ()):
        return answer
    raise ValueError("the answer is no resource")
