"""The pages: what people look at. One file a page."""
