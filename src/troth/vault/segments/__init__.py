"""Segments: what was said, sealed record by record, in immutable Parquet files with an index beside them."""
