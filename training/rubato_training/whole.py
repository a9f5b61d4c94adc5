"""Files that are written whole or not at all, whatever stops the writing."""

import os


def write_whole(path, content):
    """Writes text or bytes at `path`. Raises OSError, naming `path`, and leaves what was there before."""
    part = path + ".part"
    try:
        with open(part, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.replace(part, path)
    except OSError as error:
        if os.path.isfile(part):
            os.remove(part)
        error.filename, error.filename2 = path, None
        raise
