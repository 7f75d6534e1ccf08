"""One invocation followed through the engine, from attempt to arrival."""
