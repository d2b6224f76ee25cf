"""`python -m calibrate` is `calibrate`."""

from calibrate.cli import main

raise SystemExit(main())
