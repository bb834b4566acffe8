"""Tests of what a customer is worth."""
