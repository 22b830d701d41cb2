"""Tests. A package, because one of our requirements brings a package of this name, which would be found instead."""
