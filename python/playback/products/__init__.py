"""What leaves the warehouse as files."""
