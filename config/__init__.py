"""What a site says about itself: files in, checked settings out. Connects to nothing."""
