//! From bytes that anybody may have made to pixels: what it is, how large, and whether it moves is asked
//! before a pixel is decoded.

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat};

use super::{PictureFormat, PictureRefused, PresentedPicture, webp_frames};

/// How much decoding may take.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Pixels of an edge.
    pub(super) edge: u32,
    /// Bytes.
    pub(super) memory: u64,
}

/// The pixels of a picture, turned as its metadata says; the metadata is gone.
pub(super) fn decode(
    presented: &PresentedPicture,
    limits: Limits,
) -> Result<DynamicImage, PictureRefused> {
    let mut decoder = open(presented, limits)?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > limits.edge || decoder.total_bytes() > limits.memory {
        return Err(PictureRefused::TooLarge);
    }
    decoder.set_limits(limits.of_decoder()).map_err(refused)?;
    let orientation = decoder.orientation().map_err(refused)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// The decoder of what the content is, which must be what it is said to be.
fn open(
    PresentedPicture { format, bytes }: &PresentedPicture,
    limits: Limits,
) -> Result<Box<dyn ImageDecoder + '_>, PictureRefused> {
    let content = match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => PictureFormat::Png,
        Ok(ImageFormat::Jpeg) => PictureFormat::Jpeg,
        Ok(ImageFormat::WebP) => PictureFormat::WebP,
        _ => return Err(PictureRefused::Format),
    };
    if content != *format {
        return Err(PictureRefused::Format);
    }
    if content == PictureFormat::WebP && !webp_frames::are_within(bytes, limits.edge) {
        return Err(PictureRefused::TooLarge);
    }
    let bytes = Cursor::new(bytes.as_slice());
    Ok(match content {
        PictureFormat::Png => {
            let decoder = PngDecoder::with_limits(bytes, limits.of_decoder()).map_err(refused)?;
            still(decoder.is_apng().map_err(refused)?)?;
            Box::new(decoder)
        }
        PictureFormat::Jpeg => Box::new(JpegDecoder::new(bytes).map_err(refused)?),
        PictureFormat::WebP => {
            let decoder = WebPDecoder::new(bytes).map_err(refused)?;
            still(decoder.has_animation())?;
            Box::new(decoder)
        }
    })
}

fn still(is_animated: bool) -> Result<(), PictureRefused> {
    if is_animated { Err(PictureRefused::Animated) } else { Ok(()) }
}

impl Limits {
    fn of_decoder(self) -> image::Limits {
        let mut limits = image::Limits::no_limits();
        limits.max_image_width = Some(self.edge);
        limits.max_image_height = Some(self.edge);
        limits.max_alloc = Some(self.memory);
        limits
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn refused(error: ImageError) -> PictureRefused {
    match error {
        ImageError::Limits(_) => PictureRefused::TooLarge,
        _ => PictureRefused::Broken,
    }
}
