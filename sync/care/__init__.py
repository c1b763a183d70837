"""What is done by hand: checks, releases, repairs."""
