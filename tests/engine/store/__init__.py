"""The store's conformance suite: what every database must do."""
