"""Static mirrors: the public pages of letters as files that any web server can serve, or a USB stick."""
