"""Tests of `models.sources.loading`."""
