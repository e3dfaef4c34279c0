"""Probe plugin: the effective rank of the first channels of each place."""
