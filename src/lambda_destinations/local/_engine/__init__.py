"""The engine: its process, and proof that it enforces permissions."""
