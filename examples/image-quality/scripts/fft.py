"""Mean of ln(1 + |F| / sqrt(pixels)) over the frequencies outside a centred square."""

import numpy as np

from images import measure_all


def fft_log_magnitude(grey):
    height, width = grey.shape
    magnitude = np.abs(np.fft.fft2(grey, norm="ortho"))
    u = np.abs(np.fft.fftfreq(width))
    v = np.abs(np.fft.fftfreq(height))
    high = (u[None, :] >= 1 / 8) | (v[:, None] >= 1 / 8)
    return np.log1p(magnitude[high]).mean() if high.any() else 0.0


measure_all("fft_log_magnitude", fft_log_magnitude)
