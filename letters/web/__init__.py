"""What every page shares: language, headers, guards, errors, the shelf of letters, cached pages."""
