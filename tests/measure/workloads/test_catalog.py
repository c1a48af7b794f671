"""The table of parameters is what a request is checked against, before anything is built."""

from __future__ import annotations

import pytest

from whence.evidence.errors import BadInput
from whence.evidence.subject import parse_subject
from whence.evidence.variant import parse_variant
from whence.measure.workloads import catalog

WORKLOADS = [pytest.param(workload, id=workload.name) for workload in catalog.all()]


def test_given_parameters_become_flags_in_the_order_written() -> None:
    flags = catalog.arguments(catalog.get("heapshape"), {"fill": "30", "shape": "chan"})
    assert flags == ("-fill=30", "-shape=chan")


def test_parameters_not_given_are_left_to_the_program() -> None:
    assert catalog.arguments(catalog.get("trees"), {}) == ()


def test_unknown_parameter_names_those_that_exist() -> None:
    with pytest.raises(catalog.UnknownParameter, match=r"'colour'.*Known: depth, rounds, ps\."):
        catalog.arguments(catalog.get("trees"), {"colour": "red"})


def test_unknown_workload_names_those_that_exist() -> None:
    with pytest.raises(catalog.UnknownWorkload, match="Known: heapshape, alloc, trees, httpd, streamtiny, jsonbench"):
        catalog.get("../heapshape")


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("heapshape", {"fill": "101"}),
        ("heapshape", {"fill": "-1"}),
        ("heapshape", {"fill": "2.5"}),
        ("heapshape", {"fill": ""}),
        ("heapshape", {"fill": "٢"}),
        ("heapshape", {"shape": "list"}),
        ("heapshape", {"count": "0"}),
        ("heapshape", {"count": "9" * 400}),
        ("alloc", {"size": "17"}),
        ("trees", {"depth": "3"}),
        ("httpd", {"body": "0"}),
        ("streamtiny", {"window": "16384"}),
        ("jwt", {"bits": "1024"}),
    ],
)
def test_impossible_values_are_refused_in_one_line_that_says_what_is_possible(
    name: str, parameters: dict[str, str]
) -> None:
    workload = catalog.get(name)
    with pytest.raises(catalog.BadParameter) as caught:
        catalog.arguments(workload, parameters)
    message = str(caught.value)
    assert "\n" not in message
    assert workload.parameter(next(iter(parameters))).allowed in message
    assert isinstance(caught.value, BadInput)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_every_default_is_possible(workload: catalog.Workload) -> None:
    defaults = {parameter.name: parameter.default for parameter in workload.parameters}
    assert len(catalog.arguments(workload, defaults)) == len(workload.parameters)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_every_example_can_be_asked_for(workload: catalog.Workload) -> None:
    units = {printed.unit for printed in workload.metrics}
    assert workload.examples
    for example in workload.examples:
        subject = parse_subject(example.spec)
        assert subject.target == workload.name
        catalog.arguments(workload, subject.parameters)
        for variant in (example.base, *example.candidates):
            parse_variant(variant)
        assert example.metric in units | {"rss", "p99-ns"}
        assert catalog.example(example.name) is example


def test_unknown_example_names_those_that_exist() -> None:
    with pytest.raises(BadInput, match="go124-memory"):
        catalog.example("nothing")


def test_only_servers_have_a_load() -> None:
    assert [workload.name for workload in catalog.all() if workload.service is not None] == ["httpd"]
    load = catalog.get("httpd").service
    assert load is not None
    assert (load.rate_per_second, load.seconds, load.path, load.command) == (500, 5, "/", None)


def test_gomaxprocs_is_in_the_environment_from_the_start_unless_it_is_to_be_left_alone() -> None:
    workload = catalog.get("heapshape")
    assert catalog.environment(workload, {}) == {"GOMAXPROCS": "1"}
    assert catalog.environment(workload, {"ps": "4"}) == {"GOMAXPROCS": "4"}
    assert catalog.environment(workload, {"ps": "0"}) == {}
