"""Small pictures of images, made by another process: the bytes are strangers'.

Knows no models. What decodes is `drawing_process.py`, under limits of memory and time.
"""

from rooms.previews.making import Preview, Unfinished, make_preview

__all__ = ["Preview", "Unfinished", "make_preview"]
