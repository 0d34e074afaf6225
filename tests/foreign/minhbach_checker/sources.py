"""Where published files are read from: FORMAT.md section 2."""

import os
import stat
import urllib.error
import urllib.parse
import urllib.request

from canonical import Malformed


class Folder:
    """A ledger in a folder."""

    def __init__(self, base):
        self.base, self.address, self.grows = base, None, False

    def below(self, number):
        """A later ledger of the chapter, seen from its first."""
        return Folder(os.path.join(self.base, str(number)))

    def above(self):
        """The first ledger of the chapter, seen from a later one that lies below it."""
        return Folder(os.path.dirname(os.path.abspath(self.base)))

    def read(self, name):
        """The bytes of a file, None when it is missing."""
        path = os.path.join(self.base, *name.split("/"))
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise Malformed(f"{name} is no regular file")
            with open(path, "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, folder):
        """What lies in a folder."""
        path = os.path.join(self.base, folder)
        return sorted(os.listdir(path)) if os.path.isdir(path) else []


class Site:
    """A ledger behind an address; what is not asked for by name stays unseen."""

    def __init__(self, base):
        self.base, self.grows = base.rstrip("/") + "/", True
        parts = urllib.parse.urlsplit(self.base)
        self.address = parts.netloc + parts.path.rstrip("/")

    def below(self, number):
        """A later ledger of the chapter, seen from its first."""
        return Site(f"{self.base}{number}")

    def above(self):
        """The first ledger of the chapter, seen from a later one that lies below it."""
        return Site(self.base.rstrip("/").rsplit("/", 1)[0])

    def read(self, name):
        """The bytes of a file, None when it is missing."""
        try:
            with urllib.request.urlopen(self.base + name, timeout=30) as answer:
                return answer.read()
        except urllib.error.HTTPError as fault:
            if fault.code in (404, 410):
                return None
            raise Malformed(f"{name}: {fault}") from None
        except OSError as fault:
            raise Malformed(f"{name}: {fault}") from None

    def names(self, folder):
        """Nothing: a site has no listing."""
        return []


def source_of(base):
    """The files under an address or in a folder."""
    return Site(base) if base.startswith(("https://", "http://")) else Folder(base)
