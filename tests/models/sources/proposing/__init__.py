"""Tests of `models.sources.proposing`."""
