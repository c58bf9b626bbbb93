"""Pages that are not API: the storefront's shell and product pictures."""
