"""What all tests share."""

from models.console import wait_politely

wait_politely()
