"""Publishing: readers see a whole, judged build, or the one before it.

`run` makes a candidate out of sight and lets it take the published file's place in
one step, which is `swap`; `rollback` goes back to the build before. `paths` says where
what lies, `published_file` writes, hashes and checks the file that readers open,
`manifest` tells what is in it, `lock` lets one publisher in.
"""

from pipeline.publish.rollback import rollback
from pipeline.publish.run import publish

__all__ = ["publish", "rollback"]
