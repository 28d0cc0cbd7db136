"""The objects that rows of several lists are or hold, one file a subject; each is declared once.

A reference is an id (or the URL of a collection) until ``expand`` turns it into the object. Objects that point
back at each other stand in one file. ``expand`` and ``fields`` reach four levels deep (guide
"expanding-responses"), so a circle ends there; the classes themselves set no limit to what is decoded.
"""
