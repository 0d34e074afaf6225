"""A second verifier of Minh Bạch ledgers, written from docs/FORMAT.md alone.

The modules import each other by their bare names, so that `python3 verify.py` works where it lies; as a package
this folder therefore puts itself on the path.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
