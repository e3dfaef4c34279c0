"""How the answers of many cells become one detection per object: the contract and its members."""
