"""Variance of the Sobel gradient magnitude of the grey image."""

import cv2
import numpy as np

from images import measure_all


def sobel_variance(grey):
    gx = cv2.Sobel(grey, cv2.CV_64F, 1, 0, ksize=3)
    gy = cv2.Sobel(grey, cv2.CV_64F, 0, 1, ksize=3)
    return np.hypot(gx, gy).var()


measure_all("sobel_variance", sobel_variance)
