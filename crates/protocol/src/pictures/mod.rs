//! Pictures that people upload. None is kept as it came: each is decoded and drawn anew as a square PNG,
//! so that what is served is a picture and nothing else: no page, script, archive or metadata.
//!
//! Decoding hostile pictures is where programs break. It is done one at a time, on a thread of its own,
//! under limits that are checked before and while decoding, and never inside a transaction.

mod decode;
#[cfg(test)]
mod tests;
mod webp_frames;

use domain::Policy;
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageFormat, RgbaImage};

use crate::workers::{Undone, Workers};

/// How many pictures wait before the next is sent away.
const QUEUE_LENGTH: usize = 8;

/// The edge of a drawn picture, in pixels.
const EDGE: u32 = 256;

/// Draws pictures anew.
#[derive(Clone)]
pub struct Pictures(Workers);

impl Default for Pictures {
    /// One at a time: the memory for decoding is needed once.
    fn default() -> Self {
        Self(Workers::new(1, QUEUE_LENGTH))
    }
}

/// A picture as it was sent.
#[derive(Clone, Debug)]
pub struct PresentedPicture {
    /// What it is said to be.
    pub format: PictureFormat,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a picture may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
}

impl PictureFormat {
    /// The format that a `Content-Type` names.
    pub fn of(content_type: &str) -> Option<Self> {
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        [("image/png", Self::Png), ("image/jpeg", Self::Jpeg), ("image/webp", Self::WebP)]
            .into_iter()
            .find(|(name, _)| media_type.eq_ignore_ascii_case(name))
            .map(|(_, format)| format)
    }
}

/// Why a picture was not drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureRefused {
    /// Its content is of another format than it is said to be, or of none that is known.
    #[error("must be a PNG, JPEG or WebP picture of the type that Content-Type names")]
    Format,
    /// It has too many pixels, or needs too much memory.
    #[error("is too large: use a picture of at most 4,096 by 4,096 pixels")]
    TooLarge,
    /// It moves.
    #[error("must not be animated: save one frame of it")]
    Animated,
    /// It is damaged.
    #[error("cannot be read: save it again as PNG, JPEG or WebP")]
    Broken,
    /// There are too many pictures at once.
    #[error("too many pictures at once")]
    Busy,
}

impl Pictures {
    /// Draws a picture anew: in the middle of a transparent square.
    pub async fn square_png(
        &self,
        policy: &Policy,
        presented: PresentedPicture,
    ) -> Result<Vec<u8>, PictureRefused> {
        let limits =
            decode::Limits { edge: policy.logos.edge_limit, memory: policy.logos.memory_limit };
        let work = move || Ok(png(&square(decode::decode(&presented, limits)?)));
        self.0.run(work).await.map_err(|undone| match undone {
            Undone::Full => PictureRefused::Busy,
            Undone::Broken => PictureRefused::Broken,
        })?
    }
}

/// The whole picture, as large as it fits, in the middle.
fn square(picture: DynamicImage) -> RgbaImage {
    let mut picture = picture.into_rgba8();
    weigh_colours(&mut picture);
    let mut fitted =
        DynamicImage::from(picture).resize(EDGE, EDGE, FilterType::CatmullRom).into_rgba8();
    unweigh_colours(&mut fitted);
    let mut square = RgbaImage::new(EDGE, EDGE);
    let (left, top) = ((EDGE - fitted.width()) / 2, (EDGE - fitted.height()) / 2);
    imageops::replace(&mut square, &fitted, left.into(), top.into());
    square
}

/// Multiplies each colour by its opacity, so that the colour of what nobody sees does not bleed into
/// edges.
fn weigh_colours(picture: &mut RgbaImage) {
    for pixel in picture.pixels_mut() {
        let [.., alpha] = pixel.0;
        for colour in &mut pixel.0[..3] {
            *colour = ratio(*colour, alpha, 255);
        }
    }
}

fn unweigh_colours(picture: &mut RgbaImage) {
    for pixel in picture.pixels_mut() {
        let [.., alpha] = pixel.0;
        for colour in &mut pixel.0[..3] {
            *colour = if alpha == 0 { 0 } else { ratio(*colour, 255, alpha) };
        }
    }
}

/// The colour times a fraction, rounded.
fn ratio(colour: u8, above: u8, below: u8) -> u8 {
    let (colour, above, below) = (u32::from(colour), u32::from(above), u32::from(below));
    u8::try_from((colour * above + below / 2) / below).unwrap_or(u8::MAX)
}

fn png(picture: &RgbaImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).expect("memory takes any small picture");
    bytes.into_inner()
}
