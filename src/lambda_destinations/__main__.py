"""`python -m lambda_destinations` runs the command."""

import sys

from .cli import main

sys.exit(main())
