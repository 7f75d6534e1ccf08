"""The subcommands, one file each: their options, and one call into the library."""
