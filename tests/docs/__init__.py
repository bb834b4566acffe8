"""Tests that what the documentation ships can be used."""
