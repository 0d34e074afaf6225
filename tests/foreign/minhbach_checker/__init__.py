"""A second verifier of Minh Bạch ledgers, written from docs/FORMAT.md alone.

The modules import each other by their bare names, so that `python3 verify.py` works where it lies. Importing this
folder as a package puts it on the path; import its modules by their bare names then too.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
