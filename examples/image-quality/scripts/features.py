"""Joins the figures of one image into one row: vol/x.json, sob/x.json, fft/x.json -> out/x.json."""

import json
import pathlib

# /pfs in a pipeline, any copy of it elsewhere.
PFS = pathlib.Path(__file__).absolute().parent.parent

rows = {}
for source in ("fft", "sob", "vol"):
    for path in sorted((PFS / source).rglob("*.json")):
        name = path.relative_to(PFS / source)
        rows.setdefault(name, {}).update(json.loads(path.read_text()))

for name, fields in rows.items():
    row = {"image": str(name.with_suffix("")), **dict(sorted(fields.items()))}
    target = PFS / "out" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(row, ensure_ascii=False) + "\n")
