"""The MCP server, with a real client: `make test-mcp`."""
