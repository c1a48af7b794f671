"""A profile, or two compared, as one self-contained HTML file: the sentence, the picture, the functions, the data.

The picture is drawn in the browser from the noun itself, which stands compressed at the end of the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from whence.evidence.flame import FlameGraph
from whence.show.report import method, names, page, payload
from whence.show.report.profile import table, words

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_SCRIPTS = (
    "flame_columns.js",
    "flame_trees.js",
    "flame.js",
    "profile_numbers.js",
    "profile_colours.js",
    "profile_table.js",
    "profile_facts.js",
    "profile_files.js",
    "profile.js",
    "profile_hands.js",
)


class File(NamedTuple):
    """One more document that the page offers: its text, and what it holds in a few words."""

    text: str
    said: str = ""


def render(
    graph: FlameGraph,
    *,
    sections: Sequence[Markup] = (),
    links: Sequence[tuple[str, str]] = (),
    files: Mapping[str, File] | None = None,
    more_style: str = "",
) -> str:
    """Returns the report as one HTML document.

    `sections`: whole `<section>` elements of other parts, put between the functions and what was odd; `links`: (id,
    word) of those that the navigation names; `files`: further documents by file name; `more_style`: their CSS.
    """
    from markupsafe import Markup

    script, offered = _script(), files or {}
    documents = {"flame.json": payload.document(msgspec.json.encode(graph).decode("utf-8"))}
    documents |= {name: payload.document(file.text) for name, file in offered.items()}
    diff = graph.base_total is not None
    return _template().render(
        graph=graph,
        title=names.clean(graph.title),
        story=[names.clean(text) for text in graph.story],
        notes=[names.capital(names.clean(text)) for text in graph.notes],
        facts=[(names.clean(name), names.clean(value)) for name, value in graph.facts],
        command=names.clean(graph.command),
        meta=words.meta(graph, method.moment(graph.started_at)),
        version=names.clean(graph.whence_version),
        unit=names.clean(graph.unit),
        amount_word=words.amount_word(graph.sample_type),
        words=words.WORDS,
        marks=words.MARKS,
        diff=diff,
        judged=graph.judged if graph.functions.verdict else "",
        choices=_colourings(graph),
        heads=table.heads(graph),
        rows=table.rows(graph),
        sections=sections,
        links=links,
        files=[(name, file.said) for name, file in offered.items()],
        style=page.asset("report.css"),
        more_style=Markup(f"{page.asset('profile.css')}{more_style}"),
        script=script,
        script_hash=page.script_hash(script),
        payload=page.json_script(
            {"files": documents, "unit": words.unit(graph), "marks": words.MARKS, "words": words.WORDS}
        ),
    )


def _colourings(graph: FlameGraph) -> list[tuple[str, str]]:
    """Returns (key, word) of what frames can be coloured by; the first is shown."""
    diff = graph.base_total is not None
    return [
        *([("verdict", "what differs")] if graph.functions.verdict else []),
        *([("change", "every change")] if diff else []),
        *([("package", "package")] if graph.packages else []),
        *([("role", "role")] if graph.roles else []),
        *([] if diff or graph.packages or graph.roles else [("plain", "none")]),
    ]


@cache
def _script() -> Markup:
    """Returns the page's script: its files in one scope."""
    from markupsafe import Markup

    return Markup('"use strict";\n(() => {\n' + "\n".join(str(page.asset(name)) for name in _SCRIPTS) + "})();\n")


@cache
def _template() -> Template:
    return page.environment().get_template("profile.html")
