"""What current-state sources overwrite, kept from the first snapshot on.

`file` says where the history is and what is in it; `snapshots` adds to it what changed;
`relations` copies into a warehouse what models read of it.
"""
