"""One result as terminal text, Markdown, JSON, CSV, JUnit, or one self-contained HTML file."""
