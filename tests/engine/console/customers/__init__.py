"""Tests of `engine.console.customers`."""
