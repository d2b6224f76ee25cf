"""`python -m realtime` is `realtime`."""

from realtime.app.cli import main

raise SystemExit(main())
