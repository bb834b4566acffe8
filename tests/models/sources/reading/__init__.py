"""Tests of `models.sources.reading`."""
