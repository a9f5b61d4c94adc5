"""Errors that end a command: one sentence with the cure, for the user who typed it."""

import errno

_CURES = {
    errno.ENOENT: "{path} isn't there: check its name.",
    errno.EACCES: "{path} may not be read or written by you: choose another place, or change its permissions.",
    errno.EPERM: "{path} may not be read or written by you: choose another place, or change its permissions.",
    errno.EROFS: "{path} lies on a read-only disk: choose another place.",
    errno.ENOSPC: "There is no room left to write {path}: make some, then give the same command again.",
    errno.EDQUOT: "There is no room left to write {path}: make some, then give the same command again.",
    errno.EFBIG: "{path} would be larger than files may be here: choose another place.",
    errno.ENOTDIR: "{path} needs a folder where a file stands: move the file away, or choose another place.",
    errno.EEXIST: "{path} needs a folder where a file stands: move the file away, or choose another place.",
    errno.EISDIR: "{path} is a folder where a file is needed: move it away, or give another name.",
}


class Refused(Exception):
    """Something from outside that can't be used; the message is one sentence."""


def sentence(error):
    """The sentence for an error that comes from outside, or None where it is a fault of these tools."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, OSError):
        path = error.filename if error.filename is not None else "A file"
        cure = _CURES.get(error.errno, "{path} can't be read or written ({reason}): choose another place.")
        return cure.format(path=path, reason=error.strerror or error)
    # PyTorch raises RuntimeError when memory runs out.
    if isinstance(error, MemoryError) or isinstance(error, RuntimeError) and "memory" in str(error):
        return "There isn't enough memory for this: take fewer --rows, --steps or --units, or fewer files."
    return None
