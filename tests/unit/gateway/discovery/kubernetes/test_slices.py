# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from argosy_gateway.discovery import WorkerSpec
from argosy_gateway.discovery.kubernetes.slices import workers, zone_of

from tests.support.slices import endpoint, endpoint_slice


def test_slices_of_one_service_are_merged_and_an_address_in_two_of_them_is_one_worker() -> None:
    moved = endpoint("10.0.0.2", "b")
    first = endpoint_slice("vision", endpoint("10.0.0.1", "a"), moved)
    second = endpoint_slice("vision", moved, endpoint("10.0.0.3", "c"), port=8200)
    found = workers([first, second], "")
    assert [spec.address for spec in found.specs if spec.address.endswith(":8101")] == [
        "10.0.0.1:8101",
        "10.0.0.2:8101",
    ]
    assert WorkerSpec("vision", "10.0.0.3:8200") in found.specs
    assert len(found.specs) == 3


def test_workers_that_are_not_ready_or_leave_stay_known() -> None:
    gone = endpoint("10.0.0.2", "b", ready=False, leaving=True)
    found = workers([endpoint_slice("nlp", endpoint("10.0.0.1", "a", ready=False), gone)], "")
    assert [spec.address for spec in found.specs] == ["10.0.0.1:8101", "10.0.0.2:8101"]


def test_a_pod_with_both_families_is_one_worker_by_ipv4() -> None:
    six = endpoint_slice("vision", endpoint("fd00::1", "a"), endpoint("fd00:0:0::2", "b"), family="IPv6")
    four = endpoint_slice("vision", endpoint("10.0.0.1", "a"))
    for order in ([six, four], [four, six]):
        assert [spec.address for spec in workers(order, "").specs] == ["10.0.0.1:8101", "[fd00::2]:8101"]


def test_what_is_no_worker_of_a_known_domain_is_left_out_and_an_unknown_domain_is_named() -> None:
    unnamed = endpoint_slice("vision", endpoint("10.0.0.3"))
    unnamed["ports"] = [{"name": "metrics", "port": 9101}, {"name": "grpc", "port": None}]
    bare = endpoint_slice("vision", endpoint("10.0.0.4"))
    bare["ports"] = None
    found = workers(
        [
            endpoint_slice("", endpoint("10.0.0.1"), component="gateway"),
            endpoint_slice("astrology", endpoint("10.0.0.2")),
            unnamed,
            bare,
            endpoint_slice("vision", endpoint("worker.example"), family="FQDN"),
            endpoint_slice("vision"),
            {"metadata": {"name": "x"}},
        ],
        "",
    )
    assert found.specs == ()
    assert found.unknown_domains == {"astrology"}


def test_an_address_that_is_none_is_named_and_left_out_alone() -> None:
    empty = {**endpoint("", "e"), "addresses": []}
    four = endpoint_slice(
        "vision", endpoint("010.0.0.1", "a"), endpoint("10.0.0.2", "b"), endpoint("fd00::3", "c"), empty
    )
    found = workers([four, endpoint_slice("vision", endpoint("10.0.0.4", "d"), family="IPv6")], "")
    assert [spec.address for spec in found.specs] == ["10.0.0.2:8101"]
    assert found.unusable == {"010.0.0.1", "fd00::3", "", "10.0.0.4"}


def test_the_same_slices_in_another_order_are_the_same_workers() -> None:
    slices = [endpoint_slice(domain, endpoint(f"10.0.0.{i}", f"p{i}")) for i, domain in enumerate(("vision", "nlp"))]
    assert workers(slices, "") == workers(slices[::-1], "")


def test_workers_for_other_zones_are_distant_where_the_service_asks_for_that() -> None:
    near = endpoint("10.0.0.1", "a", zone="x", hints=["x"])
    lent = endpoint("10.0.0.2", "b", zone="y", hints=["x"])
    far = endpoint("10.0.0.3", "c", zone="y", hints=["y"])
    assert workers([endpoint_slice("nlp", near, lent, far)], "x").distant == {"10.0.0.3:8101"}
    assert workers([endpoint_slice("nlp", near, lent, far)], "").distant == frozenset()


def test_an_endpoint_without_a_hint_among_others_with_one_counts_by_where_it_is() -> None:
    hinted = endpoint("10.0.0.1", "a", zone="x", hints=["x"])
    here, there = endpoint("10.0.0.2", "b", zone="x"), endpoint("10.0.0.3", "c", zone="y")
    assert workers([endpoint_slice("nlp", hinted, here, there)], "x").distant == {"10.0.0.3:8101"}


def test_zones_alone_make_no_worker_distant() -> None:
    zoned = [endpoint("10.0.0.1", "a", zone="x"), endpoint("10.0.0.2", "b", zone="y")]
    assert workers([endpoint_slice("nlp", *zoned)], "x").distant == frozenset()


def test_none_is_distant_in_a_domain_that_has_none_nearer() -> None:
    far = endpoint("10.0.0.1", "a", zone="y", hints=["y"])
    near = endpoint("10.0.0.2", "b", zone="x", hints=["x"])
    other = endpoint("10.0.0.3", "c", zone="y", hints=["y"])
    slices = [endpoint_slice("nlp", far), endpoint_slice("vision", near, other)]
    assert workers(slices, "x").distant == {"10.0.0.3:8101"}


def test_the_gateways_zone_is_that_of_its_pod() -> None:
    slices = [
        endpoint_slice("nlp", endpoint("10.0.0.1", "gateway-1", zone="wrong")),
        endpoint_slice("", endpoint("10.0.0.2", "gateway-2", zone="y"), component="gateway"),
        endpoint_slice("", endpoint("10.0.0.3", "gateway-1", zone="x"), endpoint("10.0.0.4"), component="gateway"),
    ]
    assert zone_of(slices, "gateway-1") == "x"
    assert zone_of(slices, "gateway-9") == ""
