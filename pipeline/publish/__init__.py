"""Publishing: readers see a whole, validated build, or the one before it.

`run` builds a candidate in isolation; `compare` compares it with the published build;
`swap` replaces the published file in one step; `rollback` goes back to the previous
build. `paths` knows where builds are; `published_file` writes, hashes and checks the
file that readers open; `manifest` describes its content, `fingerprints` its inputs;
`lock` admits one publisher; `snapshot` keeps what the next delivery overwrites;
`forget` erases a person from all of it, with `erase` for each file.
"""

from pipeline.publish.forget import forget
from pipeline.publish.rollback import rollback
from pipeline.publish.run import publish
from pipeline.publish.snapshot import take_snapshot

__all__ = ["forget", "publish", "rollback", "take_snapshot"]
