"""Generators G(s; theta_G): `factorised`, and `uniform` as a control."""
