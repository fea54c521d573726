"""The outsider's tool: is a release what it says it is, and was every record decided as the terms say?

It reads the formats of ``troth.release`` and decides with ``troth.decide.point``. It shares nothing else with
the room that builds releases: a proof that is checked by the code that made it proves little. The steps are
numbered, here and in ``docs/verify.md`` alike.
"""
