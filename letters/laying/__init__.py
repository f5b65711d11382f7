"""Public pages laid down as files for the proxy: which, in what folder, and when anew."""
