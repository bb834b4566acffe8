"""What a night costs. Run by `make bench`, never by the test suite; figures are kept in docs/cost.md."""
