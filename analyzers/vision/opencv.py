"""OpenCV, on one thread: sums of several threads may be added up in another order, and then differ."""

from __future__ import annotations

import cv2

__all__ = ["cv2"]

cv2.setNumThreads(1)
cv2.ocl.setUseOpenCL(False)
