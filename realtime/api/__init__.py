"""Public Python interface, exported by `realtime`; see docs/API.md. Everything else is private."""
