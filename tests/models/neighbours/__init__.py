"""Tests of `models.neighbours`."""
