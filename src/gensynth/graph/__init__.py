"""Architectures as plain data: graphs, their operations, and the widths that must agree."""
