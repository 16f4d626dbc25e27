"""Variance of the 3x3 Laplacian of the grey image."""

import cv2

from images import measure_all

measure_all("laplacian_variance", lambda grey: cv2.Laplacian(grey, cv2.CV_64F).var())
