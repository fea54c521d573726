"""One file for each log format, each with its ``READER``; ``intake.formats`` lists them."""
