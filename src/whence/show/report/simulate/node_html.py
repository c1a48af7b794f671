"""A simulated node as one self-contained HTML file without any script."""

from __future__ import annotations

from html import escape

import msgspec

from whence.evidence.node_simulation import NodeSimulation
from whence.show.report import page
from whence.show.report.simulate import node_section


def render(simulation: NodeSimulation, *, command: str = "") -> str:
    """Returns the document. command: what repeats it."""
    title = escape(simulation.sentence)
    repeat = f'<div class="command"><code tabindex="0">{escape(command)}</code></div>' if command else ""
    twin = escape(msgspec.json.format(msgspec.json.encode(simulation), indent=0).decode("utf-8"))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{page.asset("report.css")}{node_section.STYLE}</style>
</head>
<body>
<main>
<section id="answer" class="answer" aria-label="The answer"><h1>{title}</h1>{repeat}</section>
{node_section.section(simulation)}
<section id="data" aria-labelledby="data-title"><h2 id="data-title">The data</h2>
<details><summary>{escape(simulation.schema)} as JSON</summary><pre tabindex="0">{twin}</pre></details></section>
</main>
</body>
</html>
"""  # noqa: E501
