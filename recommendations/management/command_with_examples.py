"""A command whose help ends with examples."""

import argparse
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser


class CommandWithExamples(BaseCommand):
    """A command that shows `examples`, as they are written, below its options."""

    examples: ClassVar[str]

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return the parser of the command line."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.epilog = self.examples
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        return parser
