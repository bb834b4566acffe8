"""Tests of the commands of `abonement`."""
