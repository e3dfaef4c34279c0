"""Performance functions U: one number to maximise."""
