"""The auditor: whether a letter's site, its pages and its log say the same. Only `fetching` connects."""
