"""Tests mirror the code; laws, journeys and golden nights have their own folders."""
