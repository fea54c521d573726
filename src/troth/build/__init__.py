"""From decided records to a release: `troth.build.pipeline` reads as one script of numbered stages."""
