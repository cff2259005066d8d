#!/usr/bin/env python3
"""Which symbols a library needs from libtorch that a given libtorch does not have.

    missing-symbols.py libLibTorchSharp.so FOLDER_OF_LIBTORCH

C++ symbols of libtorch carry no version, unlike those of glibc and libstdc++: an undefined symbol without one has to come from libtorch.
Where all references to it go through the procedure linkage table, the linker can leave it open until it is called; any other
reference has to be resolved at loading. Every symbol being there does not show that the layouts of the classes agree: tests do.

Exit code: 0 none is missing, 3 some are, all of them open until called, 4 some are that loading needs, 2 a file cannot be read.
Reads 64-bit little-endian ELF; needs nothing but Python.
"""

import struct
import sys
from collections import namedtuple
from pathlib import Path

Section = namedtuple("Section", "name type flags address offset size link info alignment entry_size")
Symbol = namedtuple("Symbol", "name info other section value size")

RELA, DYNAMIC_SYMBOLS, SYMBOL_VERSIONS = 4, 11, 0x6FFFFFFF
JUMP_SLOT = 7  # x86-64: a slot of the procedure linkage table
WEAK = 2
UNVERSIONED = 1  # versions above it are entries of the table of versions; the topmost bit only hides
COULD_NOT_READ, AT_CALL, AT_LOADING = 2, 3, 4


class Library:
    """The dynamic symbols of a shared library, by index: the table begins with an empty one."""

    def __init__(self, path):
        with open(path, "rb") as file:
            header = file.read(64)
            if header[:6] != b"\x7fELF\x02\x01":
                raise ValueError(f"{path} is no 64-bit little-endian ELF file")

            start, = struct.unpack_from("<Q", header, 0x28)
            size, count = struct.unpack_from("<HH", header, 0x3A)
            file.seek(start)
            table = file.read(size * count)
            sections = [Section(*struct.unpack_from("<IIQQQQIIQQ", table, size * i)) for i in range(count)]

            def content(section):
                file.seek(section.offset)
                return file.read(section.size)

            at = next((i for i, s in enumerate(sections) if s.type == DYNAMIC_SYMBOLS), None)
            if at is None:
                raise ValueError(f"{path} has no dynamic symbols")

            names = content(sections[sections[at].link])

            def named(offset):
                return names[offset:names.index(b"\0", offset)].decode()

            entries = map(Symbol._make, struct.iter_unpack("<IBBHQQ", content(sections[at])))
            self.symbols = [symbol._replace(name=named(symbol.name)) for symbol in entries]
            self.versions = [UNVERSIONED] * len(self.symbols)
            self.resolved_at_loading = set()

            for section in sections:
                if section.link != at:
                    continue
                if section.type == SYMBOL_VERSIONS:
                    self.versions = [version & 0x7FFF for version, in struct.iter_unpack("<H", content(section))]
                elif section.type == RELA:
                    for _, info, _ in struct.iter_unpack("<QQq", content(section)):
                        if info & 0xFFFFFFFF != JUMP_SLOT:
                            self.resolved_at_loading.add(info >> 32)

    def needed(self):
        """The names it needs from a library without versions, each with whether loading needs it already."""
        return {
            symbol.name: i in self.resolved_at_loading
            for i, (symbol, version) in enumerate(zip(self.symbols, self.versions))
            if symbol.name and symbol.section == 0 and symbol.info >> 4 != WEAK and version <= UNVERSIONED
        }

    def given(self):
        return {symbol.name for symbol in self.symbols if symbol.section != 0}


def main(library, folder):
    needed = Library(library).needed()
    parts = sorted(path for pattern in ("libtorch*.so", "libc10*.so") for path in Path(folder).glob(pattern))
    given = set().union(*(Library(path).given() for path in parts))
    missing = {name: early for name, early in sorted(needed.items()) if name not in given}
    early = sum(missing.values())

    print(f"symbols: {len(needed)} needed from libtorch, {len(missing)} missing, of them {early} that loading needs")
    for name, at_loading in missing.items():
        print(f"  missing {'at loading' if at_loading else 'at a call '} {name}")

    return AT_LOADING if early else AT_CALL if missing else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        sys.exit(main(*sys.argv[1:]))
    except (OSError, ValueError, struct.error) as error:
        print(f"missing-symbols: {error}", file=sys.stderr)
        sys.exit(COULD_NOT_READ)
