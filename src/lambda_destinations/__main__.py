"""`python -m lambda_destinations` is the command."""

import sys

from .cli import main

sys.exit(main())
