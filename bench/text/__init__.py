"""The text plane beside other servers: CPU per durable message in pairs of short phases (`python -m bench text`).

Every arm stands on a PostgreSQL of its own with fsync on, and the two parties of a conversation speak in turn. A
message counts when it was acknowledged to its sender and shown to the other side. All servers share one core, the
load has another. Figures are ratios of CPU per message within one run; nothing is compared across runs.
"""

from bench.text.command import main

__all__ = ["main"]
