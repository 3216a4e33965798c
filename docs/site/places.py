"""Where things lie in a checkout, and in the site."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NOTEBOOKS = ROOT / "notebooks"
SITE = ROOT / "site"
WORK = Path(sys.prefix) / "site-work"
"""What a part fetches or prepares: a folder of the environment, so that it goes when the environment goes."""
