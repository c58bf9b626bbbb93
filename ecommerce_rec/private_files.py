"""Keeps the shop's files from the other accounts of the machine."""

import os
import stat
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private(folder: Path) -> None:
    """Shut the folder to other accounts, and what this process writes from now on.

    What already lies in the folder is shut, too: files of an earlier release, or of a backup.
    """
    os.umask(OTHERS)
    for path in (folder, *folder.iterdir()):
        try:
            state = path.lstat()
            if state.st_mode & OTHERS and not stat.S_ISLNK(state.st_mode):
                path.chmod(stat.S_IMODE(state.st_mode) & ~OTHERS)
        except (FileNotFoundError, PermissionError):
            # Gone by now, or another account's, which decides itself.
            continue
