"""What the Go sources must be for the catalogue to tell the truth about them and for old releases to build them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from whence.measure.workloads import catalog

FLAG = re.compile(r'flag\.(?:Int|String)\("(\w+)", "?(\w+)"?, ')
WORKLOADS = [pytest.param(workload, id=workload.name) for workload in catalog.all()]
DOCUMENT = Path(__file__).parents[3] / "docs" / "workloads.md"


def sources(workload: catalog.Workload) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(workload.directory.glob("*.go"))}


def imports(text: str) -> set[str]:
    block = re.search(r"^import \(\n(.*?)^\)", text, re.M | re.S)
    lines = block[1] if block else "\n".join(re.findall(r"^import (.*)$", text, re.M))
    return set(re.findall(r'"([^"]+)"', lines))


@pytest.mark.parametrize("workload", WORKLOADS)
def test_flags_of_the_program_are_the_parameters_of_the_table_with_the_same_defaults(
    workload: catalog.Workload,
) -> None:
    found = FLAG.findall(sources(workload)["main.go"])
    assert found == [(parameter.name, parameter.default) for parameter in workload.parameters]


@pytest.mark.parametrize("workload", WORKLOADS)
def test_every_documented_parameter_unit_and_example_stands_in_the_page(workload: catalog.Workload) -> None:
    page = DOCUMENT.read_text(encoding="utf-8")
    section = page[page.index(f"\n## {workload.name}\n") :]
    section = section[: section.find("\n## ", 5)]
    for parameter in workload.parameters:
        unit = f" {parameter.unit}" if parameter.unit else ""
        assert re.search(rf"^\| `{parameter.name}` \| {re.escape(parameter.default + unit)} \|", section, re.M)
    for printed in workload.metrics:
        assert f"| `{printed.unit}` |" in section
    for example in workload.examples:
        assert f"`{example.name}`" in section
        assert example.spec in section


@pytest.mark.parametrize("workload", WORKLOADS)
def test_only_those_that_need_a_network_link_the_net_packages(workload: catalog.Workload) -> None:
    used = {name for text in sources(workload).values() for name in imports(text)}
    uses_net = any(name == "net" or name.startswith("net/") for name in used)
    assert uses_net == (workload.name in {"httpd", "streamtiny"})


@pytest.mark.parametrize("workload", WORKLOADS)
def test_what_old_releases_lack_stands_in_files_that_they_skip(workload: catalog.Workload) -> None:
    """Releases before 1.17 know `// +build` only; a file with one form must have the other."""
    for name, text in sources(workload).items():
        lines = text.split("\n")
        assert ("//go:build" in text) == ("// +build" in text), name
        if "runtime/metrics" in imports(text):
            assert lines[0].startswith("//go:build go1."), name


@pytest.mark.parametrize("workload", WORKLOADS)
def test_module_asks_for_no_newer_release_than_the_oldest_with_modules(workload: catalog.Workload) -> None:
    text = (workload.directory / "go.mod").read_text(encoding="utf-8")
    start = f"module whence/workloads/{workload.name}\n\ngo "
    if workload.modules:
        assert text.startswith(f"{start}1.21\n")
    else:
        assert text == f"{start}1.11\n"


@pytest.mark.parametrize("workload", WORKLOADS)
def test_the_table_says_whether_the_program_needs_other_modules(workload: catalog.Workload) -> None:
    used = {name for text in sources(workload).values() for name in imports(text)}
    assert any("." in name.split("/")[0] for name in used) == workload.modules
    assert (workload.directory / "go.sum").exists() == workload.modules
