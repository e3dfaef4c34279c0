"""Inquisitors I(G; theta_I) and the contract of probes."""
