"""Walks the images of a datum and writes one figure per image."""

import json
import pathlib

import cv2

# The folder that holds scripts, images and out: /pfs in a pipeline, any copy of it elsewhere.
PFS = pathlib.Path(__file__).absolute().parent.parent


def measure_all(field, measure):
    """images/a/x.jpg -> out/a/x.json holding {field: measure(grey image)}."""
    images, out = PFS / "images", PFS / "out"
    for path in sorted(p for p in images.rglob("*") if p.is_file()):
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None:
            raise SystemExit(f"{path} is not an image OpenCV can read")
        figure = float(measure(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)))
        target = (out / path.relative_to(images)).with_suffix(".json")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps({field: figure}) + "\n")
