"""The outsider's tool: whether a release is what it says it is.

It reads the formats of ``troth.release`` and decides with ``troth.decide.point``. It shares nothing else with
the room that builds releases: a proof that is checked by the code that made it proves little. The steps are
numbered, here and in ``docs/verify.md`` alike.
"""
