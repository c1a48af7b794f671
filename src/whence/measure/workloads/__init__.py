"""The built-in subjects: Go programs as package data, each with a table of parameters."""
