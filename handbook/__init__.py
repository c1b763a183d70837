"""The handbook: the pages in ``docs/`` and a reference made from the code, as one site. ``make handbook`` builds it."""
