"""The sample plug-in can be imported, as when it is installed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
