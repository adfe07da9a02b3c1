# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a call's metadata says, as the worker takes it."""

from argosy_worker import context
from argosy_worker.context import RequestContext
from argosy_worker.scheduling.work import Terms


def built(**metadata: str) -> RequestContext:
    return context.build([(key.replace("_", "-"), value) for key, value in metadata.items()], 7.0)


def test_a_version_in_metadata_counts_where_the_message_names_none() -> None:
    assert built(argosy_version="2").wanted_version("") == "2"
    assert built(argosy_version="2").wanted_version("1") == "1"
    assert built(x_model="digits").wanted_version("") == ""


def test_a_copy_of_a_call_tries_the_version_that_it_was_made_for() -> None:
    assert built(argosy_version="2", argosy_shadow="1").wanted_version("1") == "2"


def test_copies_have_the_lowest_priority_and_are_on_nobodys_account() -> None:
    asked = built(argosy_shadow="1", argosy_tenant="acme", argosy_priority="1")
    assert asked.shadow
    assert asked.terms.shadow
    assert asked.terms.priority > context.MAX_PRIORITY
    assert asked.terms.tenant != "acme"
    assert asked.terms.deadline == 7.0
    call = built(argosy_tenant="acme", argosy_priority="9", argosy_shadow="0")
    assert not call.terms.shadow
    assert call.terms == Terms(7.0, "acme", 9)


def test_a_call_that_grpc_makes_again_is_known() -> None:
    assert built(grpc_previous_rpc_attempts="1").again
    assert not built(x_model="digits", argosy_version="1").again
