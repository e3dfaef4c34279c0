"""Contract suites: subclass one, override its fixtures, and pytest checks your member."""
