"""Networks that run graphs: building, inheriting, permuting, saving; what the machine offers."""
