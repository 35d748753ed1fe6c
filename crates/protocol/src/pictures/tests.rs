//! What becomes of pictures, good and bad.

use std::io::Cursor;

use domain::LogoPolicy;
use image::{ImageBuffer, Rgb, Rgba};

use super::*;

const RED: Rgba<u8> = Rgba([200, 30, 40, 255]);

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("it is encoded");
    bytes.into_inner()
}

fn red(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = DynamicImage::from(RgbaImage::from_pixel(width, height, RED));
    let picture = if format == ImageFormat::Jpeg { picture.into_rgb8().into() } else { picture };
    encoded(&picture, format)
}

async fn drawn(format: PictureFormat, bytes: Vec<u8>) -> Result<Vec<u8>, PictureRefused> {
    let presented = PresentedPicture { format, bytes };
    Pictures::default().square_png(&Policy::default(), presented).await
}

async fn seen(format: PictureFormat, bytes: Vec<u8>) -> RgbaImage {
    let png = drawn(format, bytes).await.expect("it is drawn");
    image::load_from_memory_with_format(&png, ImageFormat::Png).expect("a PNG").into_rgba8()
}

/// A chunk of a PNG.
fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut named = name.to_vec();
    named.extend(data);
    let length = u32::try_from(data.len()).expect("a short chunk").to_be_bytes();
    let mut sum = 0xFFFF_FFFF_u32;
    for byte in &named {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg());
        }
    }
    [&length[..], &named, &(!sum).to_be_bytes()].concat()
}

/// A PNG with a chunk put after its header.
fn png_with(chunk: &[u8]) -> Vec<u8> {
    let png = red(8, 8, ImageFormat::Png);
    // Signature, then the 25 bytes of IHDR.
    [&png[..33], chunk, &png[33..]].concat()
}

/// A PNG whose header tells this size.
fn png_that_claims(width: u32, height: u32, depth: u8) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([depth, 6, 0, 0, 0]);
    let png = red(8, 8, ImageFormat::Png);
    [&png[..8], &chunk(*b"IHDR", &header), &png[33..]].concat()
}

/// A chunk of a WebP.
fn riff(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("a short chunk").to_le_bytes();
    [name.as_slice(), &length, data, &[0][..data.len() % 2]].concat()
}

/// A WebP of one frame that says that it moves.
fn animated_webp() -> Vec<u8> {
    let still = red(8, 8, ImageFormat::WebP);
    let place = [0, 0, 0, 0, 0, 0, 7, 0, 0, 7, 0, 0, 100, 0, 0, 0];
    // What follows the file's header is the picture itself.
    let frame = [&place[..], &still[12..]].concat();
    let chunks = [
        riff(*b"VP8X", &[2, 0, 0, 0, 7, 0, 0, 7, 0, 0]),
        riff(*b"ANIM", &[0; 6]),
        riff(*b"ANMF", &frame),
    ];
    riff(*b"RIFF", &[&b"WEBP"[..], &chunks.concat()].concat())
}

/// A small canvas around a frame that says it is huge.
fn webp_with_a_huge_frame() -> Vec<u8> {
    let frame = [0, 0, 0, 0x9D, 1, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F, 0, 0];
    let chunks = [riff(*b"VP8X", &[0, 0, 0, 0, 7, 0, 0, 7, 0, 0]), riff(*b"VP8 ", &frame)];
    riff(*b"RIFF", &[&b"WEBP"[..], &chunks.concat()].concat())
}

#[tokio::test]
async fn each_format_becomes_a_square_png() {
    let formats = [
        (PictureFormat::Png, ImageFormat::Png),
        (PictureFormat::Jpeg, ImageFormat::Jpeg),
        (PictureFormat::WebP, ImageFormat::WebP),
    ];
    for (format, encoding) in formats {
        for (width, height) in [(8, 8), (512, 256), (3, 300), (4096, 1)] {
            let square = seen(format, red(width, height, encoding)).await;
            assert_eq!(square.dimensions(), (EDGE, EDGE));
            let middle = square.get_pixel(EDGE / 2 - 1, EDGE / 2 - 1).0;
            let is_red = middle.iter().zip(RED.0).all(|(is, was)| is.abs_diff(was) <= 8);
            assert!(is_red, "{format:?} {width}x{height}: {middle:?}");
        }
        let wide = seen(format, red(512, 256, encoding)).await;
        assert_eq!(wide.get_pixel(EDGE / 2, 10).0, [0, 0, 0, 0], "what is left is transparent");
    }
}

#[tokio::test]
async fn the_colour_of_what_nobody_sees_does_not_bleed() {
    let mut picture: RgbaImage = ImageBuffer::from_pixel(64, 64, Rgba([0, 0, 0, 0]));
    for (column, _, pixel) in picture.enumerate_pixels_mut() {
        if column >= 32 {
            *pixel = Rgba([255, 255, 255, 255]);
        }
    }
    let square = seen(PictureFormat::Png, encoded(&picture.into(), ImageFormat::Png)).await;
    let edge = square.pixels().filter(|pixel| (64..255).contains(&pixel.0[3]));
    for pixel in edge {
        assert!(pixel.0[0] >= 250, "an edge of white is white: {pixel:?}");
    }
}

/// Only what the pixels say is kept: neither text, nor a place, nor what stands behind the picture.
// UI-04
#[tokio::test]
async fn nothing_but_pixels_is_kept() {
    let script = b"<script>alert(document.domain)</script>";
    let exif = [b"Exif\0\0MM\0*\0\0\0\x08\0\0".as_slice(), script].concat();
    let segment_length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    let jpeg = red(8, 8, ImageFormat::Jpeg);
    let with_exif = [&jpeg[..2], &[0xFF, 0xE1], &segment_length, &exif, &jpeg[2..]].concat();
    let with_text = png_with(&chunk(*b"tEXt", &[b"Comment\0".as_slice(), script].concat()));
    let archive = [red(8, 8, ImageFormat::Png), b"PK\x03\x04".to_vec(), script.to_vec()].concat();
    let page = [red(8, 8, ImageFormat::WebP), script.to_vec()].concat();
    for (name, format, bytes) in [
        ("EXIF", PictureFormat::Jpeg, with_exif),
        ("text", PictureFormat::Png, with_text),
        ("archive", PictureFormat::Png, archive),
        ("page", PictureFormat::WebP, page),
    ] {
        let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|it| it == part);
        assert!(holds(&bytes, script), "{name}");
        let png = drawn(format, bytes).await.unwrap_or_else(|refused| panic!("{name} {refused}"));
        assert!(!holds(&png, b"script") && !holds(&png, b"PK\x03\x04"), "{name}");
        let chunks = [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP"];
        assert!(chunks.iter().all(|chunk| !holds(&png, *chunk)), "{name}");
    }
}

// UI-04, V3.2.1
#[tokio::test]
async fn what_is_no_picture_of_its_type_is_refused() {
    use PictureFormat::{Jpeg, Png, WebP};
    use PictureRefused::{Animated, Broken, Format, TooLarge};
    let png = red(8, 8, ImageFormat::Png);
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec();
    let gif = [b"GIF89a/*\x01\0\x01\0\0\0\0;*/=1;".to_vec(), html.clone()].concat();
    let animation = chunk(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    for (name, format, bytes, expected) in [
        ("nothing", Png, Vec::new(), Format),
        ("SVG", Png, svg, Format),
        ("HTML", Jpeg, html.clone(), Format),
        ("GIF", Png, gif, Format),
        ("a PNG called JPEG", Jpeg, png.clone(), Format),
        ("a JPEG called PNG", Png, red(8, 8, ImageFormat::Jpeg), Format),
        ("a WebP called PNG", Png, red(8, 8, ImageFormat::WebP), Format),
        ("HTML after a signature", Png, [&png[..8], &html].concat(), Broken),
        ("HTML after a header", Png, [&png[..33], &html].concat(), Broken),
        ("HTML after SOI", Jpeg, [&[0xFF, 0xD8, 0xFF, 0xE0], html.as_slice()].concat(), Broken),
        ("HTML in RIFF", WebP, [b"RIFF\x40\0\0\0WEBP".as_slice(), &html].concat(), Broken),
        ("half a PNG", Png, png[..png.len() / 2].to_vec(), Broken),
        ("an animated PNG", Png, png_with(&animation), Animated),
        ("an animated WebP", WebP, animated_webp(), Animated),
        ("a huge frame in a small canvas", WebP, webp_with_a_huge_frame(), TooLarge),
        ("30,000 pixels square", Png, png_that_claims(30_000, 30_000, 8), TooLarge),
        ("one pixel too wide", Png, png_that_claims(4097, 1, 8), TooLarge),
        ("one pixel too high", Png, png_that_claims(1, 4097, 8), TooLarge),
        ("no pixel", Png, png_that_claims(0, 8, 8), Broken),
    ] {
        let refused = drawn(format, bytes).await;
        let told = refused.as_ref().map(Vec::len);
        assert_eq!(told, Err(&expected), "{name}");
    }
}

/// What is small when packed may be large: a picture that needs more memory than it may is refused
/// before a pixel is decoded.
// UI-04, DS-01
#[tokio::test]
async fn a_bomb_is_refused_before_it_is_unpacked() {
    let policy = Policy {
        logos: LogoPolicy { memory_limit: 64 * 64 * 4 - 1, ..LogoPolicy::default() },
        ..Policy::default()
    };
    let bytes = red(64, 64, ImageFormat::Png);
    let presented = PresentedPicture { format: PictureFormat::Png, bytes };
    let refused = Pictures::default().square_png(&policy, presented).await;
    assert_eq!(refused, Err(PictureRefused::TooLarge));
    // All black, in far more bytes than they arrive in; still within what is allowed.
    let black = DynamicImage::from(ImageBuffer::from_pixel(4096, 4096, Rgb([0_u8, 0, 0])));
    let packed = encoded(&black, ImageFormat::Png);
    assert!(packed.len() < LogoPolicy::default().body_limit);
    drawn(PictureFormat::Png, packed).await.expect("it is drawn");
}

#[tokio::test]
async fn pictures_queue_up_and_the_next_is_sent_away() {
    let pictures = Pictures::default();
    let waiting = pictures.0.fill();
    let presented =
        || PresentedPicture { format: PictureFormat::Png, bytes: red(8, 8, ImageFormat::Png) };
    let policy = Policy::default();
    assert_eq!(pictures.square_png(&policy, presented()).await, Err(PictureRefused::Busy));
    drop(waiting);
    assert!(pictures.square_png(&policy, presented()).await.is_ok());
}

#[test]
fn a_content_type_names_a_format() {
    for (content_type, format) in [
        ("image/png", Some(PictureFormat::Png)),
        ("IMAGE/JPEG; q=1", Some(PictureFormat::Jpeg)),
        ("image/webp", Some(PictureFormat::WebP)),
        ("image/svg+xml", None),
        ("image/gif", None),
        ("text/html", None),
        ("application/json", None),
        ("", None),
    ] {
        assert_eq!(PictureFormat::of(content_type), format, "{content_type}");
    }
}
