"""Apps into the engine and out of it again."""
