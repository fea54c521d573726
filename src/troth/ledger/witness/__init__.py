"""The witness: remembers the newest checkpoint of each log it knows, and cosigns only what extends it.

Who can write the folder of a witness can make it cosign a fork; who has only the network cannot.
"""
