"""What sensitive data a text contains, and its replacement. The door is `troth.detect.filter.Filter`."""
