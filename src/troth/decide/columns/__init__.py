"""The same facts for all records at once, in SQL; the answers still come from the one table.

``timelines`` folds events to half-open intervals, ``facts`` joins them to the records and packs the facts of
each into one number, ``lives`` computes how long each is kept, ``engine`` asks the table about each distinct
number and joins the answers back. No ASOF joins: equality and range over intervals only.
"""
