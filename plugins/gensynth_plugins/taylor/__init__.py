"""Probe plugin: Taylor sensitivity of a network's answers to its channels and blocks."""
