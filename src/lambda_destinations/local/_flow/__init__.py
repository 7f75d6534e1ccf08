"""Follow one invocation through the engine, from its attempts to the arrival of its record."""
