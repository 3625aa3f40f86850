"""Publishing: readers see a whole, validated build, or the one before it.

`run` builds a candidate in isolation; `compare` holds it against the build that is
published; `swap` replaces the published file in one step; `rollback` goes back to the
build before. `paths` knows where builds are; `published_file` writes, hashes and checks
the file that readers open; `manifest` describes what is in it, `fingerprints` what it
was made from; `lock` lets one publisher in.
"""

from pipeline.publish.rollback import rollback
from pipeline.publish.run import publish

__all__ = ["publish", "rollback"]
