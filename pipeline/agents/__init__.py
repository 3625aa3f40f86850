"""The published marts for agents, over the Model Context Protocol (`make mcp`).

`worker` runs a query in a process of its own, with limits; `answers` asks what the
tools ask; `server` speaks MCP. Nothing here needs more of the project than `guard`,
which admits single selects over the marts, and `sealed`: the server has an environment
of its own.
"""
