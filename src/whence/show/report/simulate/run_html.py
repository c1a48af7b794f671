"""A simulated comparison as one self-contained HTML file without any script."""

from __future__ import annotations

from whence.evidence.simulation import SimulatedComparison
from whence.show.report import sentence
from whence.show.report.profile import plain_page
from whence.show.report.simulate import run_section
from whence.show.report.simulate import run_words as words


def render(comparison: SimulatedComparison) -> str:
    """Returns the document."""
    many = len(comparison.simulations) > 1
    title = sentence.lines(comparison)[0].plain() if many else words.single_sentence(comparison)
    return plain_page.render(
        title,
        run_section.sections(comparison),
        document=comparison,
        style=run_section.STYLE,
        command=comparison.command,
    )
