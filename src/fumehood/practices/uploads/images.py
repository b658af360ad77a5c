"""Images are made anew: what comes out holds pixels and nothing else (ASVS 14.2.8; CWE-434, CWE-409)."""

from __future__ import annotations

import io
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO

from fumehood.practices.uploads.interface import UploadRefused
from fumehood.practices.uploads.kinds import Kind
from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["insist_on_pillow", "made_anew", "preview_of"]

_FORMATS = {"jpg": ("JPEG", "MPO"), "png": ("PNG",), "gif": ("GIF",), "webp": ("WEBP",)}
_MOST_FRAMES = 500
_PREVIEW = (480, 480)
_IN_MEMORY = 2 * 1024 * 1024


def insist_on_pillow() -> None:
    """Raise ConfigurationError when images are to be taken and Pillow is not installed."""
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        raise ConfigurationError(
            "FUMEHOOD_UPLOADS_TYPES has images, and Pillow is missing: pip install 'fumehood[uploads]', or leave them out."
        ) from None


def made_anew(stream: BinaryIO, kind: Kind, most_pixels: int) -> tuple[BinaryIO, bytes]:
    """Decode an image and encode it again; return the new file, and a preview as WebP of at most 480 by 480.

    Turned as its EXIF says, in sRGB. GIF and WebP keep their frames, at most 500 and ``most_pixels`` together; other kinds keep the first.

    Raises:
        UploadRefused: when it is not such an image, is damaged, or is larger than ``most_pixels``.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(stream, formats=_FORMATS[kind.name]) as image:
            _insist_on_size(image, most_pixels)
            made: Any = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  (the caller closes it)
            try:
                _write(image, kind, made, most_pixels)
                image.seek(0)
                preview = preview_of(_plain(image))
            except BaseException:
                made.close()
                raise
    except UploadRefused:
        raise
    except UnidentifiedImageError:
        raise UploadRefused(f"not a {kind.name}", "The file is not what its name says.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(most_pixels) from None
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
        KeyError,
        TypeError,
        OverflowError,
        MemoryError,
    ) as error:
        # Whatever its decoders stumble over: the image is damaged, or made to be.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UploadRefused("a damaged image", "The image is damaged.") from None
    made.seek(0)
    return made, preview


def preview_of(image: Image) -> bytes:
    """Return a small copy as WebP."""
    small = image.copy()
    small.thumbnail(_PREVIEW)
    made = io.BytesIO()
    small.save(made, "WEBP", quality=80)
    return made.getvalue()


def _too_large(most_pixels: int) -> UploadRefused:
    return UploadRefused(
        "too many pixels", f"The image has more than {most_pixels // 1_000_000} million pixels.", 413
    )


def _insist_on_size(image: Image, most_pixels: int) -> None:
    """From the header alone, before a pixel is decoded."""
    width, height = image.size
    if width * height > most_pixels:
        raise _too_large(most_pixels)


def _frames(image: Image, most_pixels: int) -> int:
    frames = 0
    while frames < _MOST_FRAMES + 1:
        try:
            image.seek(frames)
        except EOFError:
            break
        frames += 1
        if frames * image.size[0] * image.size[1] > most_pixels:
            raise _too_large(most_pixels)
    if frames > _MOST_FRAMES:
        raise UploadRefused("too many frames", f"The animation has more than {_MOST_FRAMES} frames.", 413)
    image.seek(0)
    return frames


def _write(image: Image, kind: Kind, made: BinaryIO, most_pixels: int) -> None:
    if kind.name in {"gif", "webp"} and _frames(image, most_pixels) > 1:
        _write_animation(image, kind, made)
        return
    still = _plain(image)
    if kind.name == "jpg":
        still.convert("RGB").save(made, "JPEG", quality=90, optimize=True)
    elif kind.name == "png":
        still.save(made, "PNG")
    elif kind.name == "gif":
        still.save(made, "GIF")
    else:
        still.save(made, "WEBP", quality=90)


def _write_animation(image: Image, kind: Kind, made: BinaryIO) -> None:
    from PIL import ImageSequence

    durations: list[int] = []

    def frames() -> Any:
        for frame in ImageSequence.Iterator(image):
            durations.append(max(20, int(frame.info.get("duration", 100) or 100)))
            yield _bare(frame.convert("RGBA"))

    kept = list(frames())
    first, *rest = kept
    loop = int(image.info.get("loop", 0) or 0)
    more: dict[str, Any] = {"disposal": 2} if kind.name == "gif" else {"quality": 85}
    first.save(
        made, kind.name.upper(), save_all=True, append_images=rest, duration=durations, loop=loop, **more
    )


def _plain(image: Image) -> Image:
    """The pixels alone: turned upright, in sRGB, without EXIF, XMP, comments, profiles, text or thumbnails."""
    from PIL import ImageOps

    image.load()
    upright = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile")
    if upright.mode not in {"1", "L", "LA", "P", "RGB", "RGBA"}:
        upright = _in_srgb(upright, profile) if profile else upright.convert("RGB")
    elif profile and upright.mode in {"RGB", "RGBA"}:
        upright = _in_srgb(upright, profile)
    if upright.mode == "P":
        upright = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
    return _bare(upright)


def _bare(image: Image) -> Image:
    image = image.copy()
    image.info = {}
    if hasattr(image, "_exif"):
        image._exif = None
    return image


def _in_srgb(image: Image, profile: bytes) -> Image:
    from PIL import ImageCms

    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert(mode)
    return made if made is not None else image.convert(mode)
