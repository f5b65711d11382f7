"""The commands of `undersigned`, one module a group."""
