"""The formats that a release is made of: files, rows, salts, the tree over them, the manifest, the envelope.

Specified by ``docs/formats/manifest.md`` and ``docs/formats/shards.md``. Nothing here builds a release; what
is here is enough to read one. Whoever can write to the folder of a release can make it unreadable, and
cannot make a changed one pass for the signed one.
"""
