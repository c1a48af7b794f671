"""Profiles, traces and runtime logs as evidence: read exactly, compared honestly, attributed to their source."""
