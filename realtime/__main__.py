"""`python -m realtime` is `realtime`."""

from realtime.cli import main

raise SystemExit(main())
