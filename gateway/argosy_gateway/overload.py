# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Envoy's overload manager: what it does before it runs out of memory, or of connections."""

from typing import Any

_MONITORS = "type.googleapis.com/envoy.extensions.resource_monitors"
#: Streams that hold less, as a power of two of bytes (256 KiB), are small: they are never reset to free memory.
_SMALL_POWER_OF_TWO = 18
#: Shares of the memory limit. From the first on streams are reset, those that hold most before the others; at the
#: second all that are not small; beyond the third new connections wait. No call is refused: most would be small ones.
_RESET_LARGEST, _RESET_ALL_LARGE, _WAIT = 0.5, 0.8, 0.95


def overload_manager(memory_mb: int) -> dict[str, Any]:
    """Renders the overload manager for a heap of at most ``memory_mb`` MB, in JSON form."""
    heap = _HEAP["name"]
    limit = {**_HEAP["typed_config"], "max_heap_size_bytes": memory_mb * 1_000_000}
    return {
        "refresh_interval": "0.05s",
        "resource_monitors": [_CONNECTIONS, {**_HEAP, "typed_config": limit}],
        "buffer_factory_config": {"minimum_account_to_track_power_of_two": _SMALL_POWER_OF_TWO},
        "actions": [
            {
                "name": "envoy.overload_actions.reset_high_memory_stream",
                "triggers": [
                    {
                        "name": heap,
                        "scaled": {"scaling_threshold": _RESET_LARGEST, "saturation_threshold": _RESET_ALL_LARGE},
                    }
                ],
            },
            {
                "name": "envoy.overload_actions.stop_accepting_connections",
                "triggers": [{"name": heap, "threshold": {"value": _WAIT}}],
            },
        ],
    }


#: Memory that is free goes back to the system at once: the limit is on what Envoy holds, used or not.
ALLOCATOR: dict[str, Any] = {"bytes_to_release": 64 << 20, "memory_release_interval": "0.1s"}

_HEAP: dict[str, Any] = {
    "name": "envoy.resource_monitors.fixed_heap",
    "typed_config": {"@type": f"{_MONITORS}.fixed_heap.v3.FixedHeapConfig"},
}
#: Connections of callers at a time; further ones are closed at once.
_CONNECTIONS: dict[str, Any] = {
    "name": "envoy.resource_monitors.global_downstream_max_connections",
    "typed_config": {
        "@type": f"{_MONITORS}.downstream_connections.v3.DownstreamConnectionsConfig",
        "max_active_downstream_connections": 50_000,
    },
}
