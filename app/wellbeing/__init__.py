"""How the product itself is, and what it says when it is not well."""
