"""Tests of `models.response`."""
