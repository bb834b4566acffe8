"""Tests of `models.customers.lifetime`."""
