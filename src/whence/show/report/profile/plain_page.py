"""Sections of a profile's report as one self-contained HTML file without any script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import msgspec

from whence.show.report import names, page

if TYPE_CHECKING:
    from markupsafe import Markup


def render(
    title: str, sections: Sequence[Markup | str], *, document: msgspec.Struct, style: str = "", command: str = ""
) -> str:
    """Returns the document: the sentence, the command that repeats it, the sections, and the noun as JSON."""
    said = escape(names.clean(title))
    repeat = f'<div class="command"><code tabindex="0">{escape(names.clean(command))}</code></div>' if command else ""
    twin = escape(msgspec.json.format(msgspec.json.encode(document), indent=0).decode("utf-8"))
    schema = escape(str(getattr(document, "schema", "")))
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<link rel="icon" href="data:,">
<title>{said}</title>
<style>{page.asset("report.css")}{style}</style>
</head>
<body>
<main>
<section id="answer" class="answer" aria-label="The answer"><h1>{said}</h1>{repeat}</section>
{"".join(str(section) for section in sections)}
<section id="data" aria-labelledby="data-title"><h2 id="data-title">The data</h2>
<details><summary>{schema} as JSON</summary><pre tabindex="0">{twin}</pre></details></section>
</main>
</body>
</html>
"""
