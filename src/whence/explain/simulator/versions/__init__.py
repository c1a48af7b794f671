"""One row of data a release: which generation of each mechanism it has, and where that was read."""
