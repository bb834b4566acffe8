"""Tests of `models.sources.stored`."""
