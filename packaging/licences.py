#!/usr/bin/env python3
"""Writes the licences of all crates inside the program, and of what is vendored, as one text.

Reads `cargo metadata` and the licence files that the crates bring along; asks no network.
"""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAMES = ("licen", "copying", "notice", "unlicense", "copyright")
BUNDLED = {"tikv-jemalloc-sys": "jemalloc"}


def metadata(target):
    command = ["cargo", "metadata", "--locked", "--offline", "--format-version", "1",
               "--filter-platform", target]
    said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return json.loads(said.stdout)


def inside(meta):
    """The packages that become part of the program: no tools of tests and builds."""
    nodes = {node["id"]: node for node in meta["resolve"]["nodes"]}
    root = next(p["id"] for p in meta["packages"] if p["name"] == "minhbach")
    found, waiting = set(), [root]
    while waiting:
        own = waiting.pop()
        if own in found:
            continue
        found.add(own)
        for dep in nodes[own]["deps"]:
            if any(kind["kind"] is None for kind in dep["dep_kinds"]):
                waiting.append(dep["pkg"])
    packages = [p for p in meta["packages"] if p["id"] in found and p["source"]]
    return sorted(packages, key=lambda p: (p["name"], p["version"]))


def texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    # The C library of a crate that brings one along has a licence of its own.
    bundled = folder / BUNDLED.get(package["name"], ".")
    files = [f for place in dict.fromkeys((folder, bundled)) for f in sorted(place.iterdir())
             if f.is_file() and f.name.lower().startswith(NAMES)]
    if package.get("license_file"):
        named = (folder / package["license_file"]).resolve()
        if named.is_file() and named not in [f.resolve() for f in files]:
            files.append(named)
    for file in files:
        yield file.name, file.read_text(encoding="utf-8", errors="replace").strip()


def main():
    target = sys.argv[1] if len(sys.argv) > 1 else "x86_64-unknown-linux-gnu"
    packages = inside(metadata(target))
    print("Libraries inside Minh Bạch, with their licences\n")
    known = {}
    for package in packages:
        licence = package["license"] or package["license_file"]
        if not licence:
            sys.exit(f"{package['name']} {package['version']} names no licence")
        authors = ", ".join(package["authors"]) or "its authors"
        print("=" * 78)
        print(f"{package['name']} {package['version']}: {licence}")
        print(f"by {authors}; {package['repository'] or package['homepage'] or 'crates.io'}")
        for name, text in texts(package):
            place = f"{package['name']} {package['version']}, {name}"
            if text in known:
                print(f"\n{name}: the same text as that of {known[text]}")
                continue
            known[text] = place
            print(f"\n{name}:\n\n{text}")
        print()
    print("=" * 78)
    print((ROOT / "packaging/vendored.txt").read_text(encoding="utf-8"))
    for file in sorted(ROOT.glob("assets/**/OFL.txt")):
        print("=" * 78)
        print(f"{file.parent.relative_to(ROOT)}: OFL-1.1\n\n{file.read_text(encoding='utf-8')}")


if __name__ == "__main__":
    main()
