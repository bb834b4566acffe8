"""Tests of `engine.console.withdrawals`."""
