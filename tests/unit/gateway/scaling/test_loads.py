# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from argosy.fleet.v1.load_pb2 import ModelLoad, WorkerLoad
from argosy_gateway.scaling.loads import Loads, Use
from google.protobuf.duration_pb2 import Duration


def load(offered: int, capacity: float = 100.0, share: float = 1.0, **counts: int) -> ModelLoad:
    name = "m" if share == 1.0 else f"m{share}"
    return ModelLoad(
        model=name,
        version=1,
        offered_item_count=offered,
        capacity_items_per_second=capacity,
        device_share=share,
        backlog=Duration(seconds=2),
        **counts,
    )


def use(loads: Loads, now: float, *addresses: str) -> Use:
    return loads.use(addresses, addresses, lambda _: True, now)


def test_what_is_asked_is_what_was_counted_between_two_reports() -> None:
    loads = Loads()
    loads.report("a", WorkerLoad(models=[load(1000, answered_count=10)]), 0.0)
    assert use(loads, 0.0, "a") == Use(silent=1)
    loads.report("a", WorkerLoad(models=[load(1100, answered_count=60, tight_count=4, missed_count=2)]), 2.0)
    assert use(loads, 2.0, "a") == Use(demand=0.5, backlog=2.0, offered=50, answered=25, tight=2, missed=1)


def test_workers_add_up_and_others_do_not_count() -> None:
    loads = Loads()
    for name in ("a", "b", "c"):
        loads.report(name, WorkerLoad(models=[load(0)]), 0.0)
        loads.report(name, WorkerLoad(models=[load(30)]), 1.0)
    assert use(loads, 1.0, "a", "b").demand == pytest.approx(0.6)
    loads.keep(["b"])
    assert use(loads, 1.0, "a", "b").demand == pytest.approx(0.3)


def test_models_that_can_run_beside_each_other_take_less_than_those_that_cannot() -> None:
    loads = Loads()
    for offered, at in ((0, 0.0), (50, 1.0)):
        loads.report("beside", WorkerLoad(models=[load(offered, share=0.25), load(offered, share=0.3)]), at)
        one, other = load(offered), load(offered)
        other.model = "other"
        loads.report("after", WorkerLoad(models=[one, other]), at)
    assert use(loads, 1.0, "beside").demand == pytest.approx(0.5), "each has half of what it can do"
    assert use(loads, 1.0, "after").demand == pytest.approx(1.0)


def test_models_that_are_not_asked_for_do_not_count() -> None:
    loads = Loads()
    for offered, at in ((0, 0.0), (50, 1.0)):
        loads.report("a", WorkerLoad(models=[load(offered), load(offered, share=0.5)]), at)
    assert loads.use(["a"], ["a"], {"m0.5"}.__contains__, 1.0).demand == pytest.approx(0.5)


def test_a_model_that_was_loaded_anew_counts_from_then_on() -> None:
    loads = Loads()
    loads.report("a", WorkerLoad(models=[load(1000)]), 0.0)
    loads.report("a", WorkerLoad(models=[load(5)]), 1.0)
    assert use(loads, 1.0, "a").demand == 0.0
    loads.report("a", WorkerLoad(models=[load(25)]), 2.0)
    assert use(loads, 2.0, "a").demand == pytest.approx(0.2)


def test_a_worker_whose_processors_are_busier_than_its_engines_has_more_to_do_than_they() -> None:
    loads = Loads()
    for offered, at, taken_s in ((0, 0.0, 10), (10, 2.0, 16)):
        models = [load(offered), load(0, share=0.5)]
        loads.report("a", WorkerLoad(models=models, processor_time=Duration(seconds=taken_s), processor_count=4), at)
    assert use(loads, 2.0, "a").demand == pytest.approx(0.75)
    assert loads.use(["a"], ["a"], {"m"}.__contains__, 2.0).demand == pytest.approx(0.05), (
        "whose calls take it is not known"
    )


def test_old_reports_say_nothing_of_the_present() -> None:
    loads = Loads()
    loads.report("a", WorkerLoad(models=[load(0)]), 0.0)
    loads.report("a", WorkerLoad(models=[load(50)]), 1.0)
    assert use(loads, 5.0, "a").demand == pytest.approx(0.5)
    assert use(loads, 7.0, "a") == Use(silent=1)
    loads.report("a", WorkerLoad(models=[load(5000)]), 100.0)
    assert use(loads, 100.0, "a") == Use(silent=1)


def test_a_worker_that_has_not_reported_is_silent_where_it_should_have() -> None:
    loads = Loads()
    for offered, at in ((0, 0.0), (50, 1.0)):
        loads.report("a", WorkerLoad(models=[load(offered)]), at)
    assert loads.use(["a", "b", "starting"], ["a", "b"], lambda _: True, 1.0).silent == 1
    assert loads.use(["a", "b", "starting"], ["a", "b"], lambda _: True, 7.0).silent == 2


def test_a_model_whose_capacity_is_not_known_there_yet_has_that_of_another_worker() -> None:
    loads = Loads()
    loads.report("old", WorkerLoad(models=[load(0)]), 0.0)
    loads.report("new", WorkerLoad(models=[load(0, capacity=0.0)]), 0.0)
    loads.report("new", WorkerLoad(models=[load(50, capacity=0.0)]), 1.0)
    assert use(loads, 1.0, "new").demand == pytest.approx(0.5)
