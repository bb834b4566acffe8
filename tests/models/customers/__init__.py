"""Tests of `models.customers`."""
