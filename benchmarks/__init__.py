"""What Playback is measured against: `make bench`."""
