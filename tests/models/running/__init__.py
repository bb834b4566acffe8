"""Tests of `models.running`."""
