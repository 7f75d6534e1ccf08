"""Deploy apps to the engine, and delete them."""
