"""How fast, against what: each module is one command."""
