"""Tests of `models.effects`: what a programme is worth."""
