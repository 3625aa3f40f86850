"""What a wheel installs: a command, and the project that it copies to a folder.

In a checkout it is only the command: the project is beside it.
"""
