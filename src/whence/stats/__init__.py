"""Estimators, intervals, tests and designs: numbers in, numbers out. Knows no Go and no files."""
