"""Backups: what the database holds, in one sealed file, and a database from one."""
