"""What the project's own checks share with the other tests."""

from tests.python.conftest import demo_database

__all__ = ["demo_database"]
