"""The subcommands, a file each: what they take, and one call into the library."""
