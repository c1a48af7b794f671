"""An explanation on a terminal, as Markdown, as JSON, and as one self-contained HTML file."""
