"""Tests of `models.customers.rhythm`."""
