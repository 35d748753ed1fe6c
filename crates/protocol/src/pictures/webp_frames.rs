//! How large the lossy frames of a WebP say they are (RFC 9649 §2.5, RFC 6386 §9.1). The canvas around
//! a frame may claim less, and the decoder makes room for a frame before it compares the two.

/// Whether no frame is larger than this in either direction.
pub(super) fn are_within(bytes: &[u8], edge: u32) -> bool {
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let Some((name, data, next)) = chunk(rest) {
        if name == b"VP8 " && size(data).is_some_and(|(width, height)| width.max(height) > edge) {
            return false;
        }
        rest = next;
    }
    true
}

/// The name and data of the first chunk, and what follows it; the last one may be cut short.
fn chunk(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (name, rest) = bytes.split_at_checked(4)?;
    let (length, rest) = rest.split_at_checked(4)?;
    let length = u32::from_le_bytes(length.try_into().ok()?);
    let length = usize::try_from(length).ok()?;
    let data = &rest[..length.min(rest.len())];
    let next = rest.get(length.saturating_add(length % 2)..).unwrap_or_default();
    Some((name, data, next))
}

/// After three bytes of flags and the start code: width and height, fourteen bits each.
fn size(frame: &[u8]) -> Option<(u32, u32)> {
    let edge = |at: usize| {
        let bytes = frame.get(at..at + 2)?.try_into().ok()?;
        Some(u32::from(u16::from_le_bytes(bytes) & 0x3FFF))
    };
    Some((edge(6)?, edge(8)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of these chunks.
    fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WEBP".to_vec();
        for (name, data) in chunks {
            bytes.extend(*name);
            bytes.extend(u32::try_from(data.len()).expect("a short chunk").to_le_bytes());
            bytes.extend(*data);
            bytes.extend(&[0][..data.len() % 2]);
        }
        bytes
    }

    // UI-04
    #[test]
    fn a_frame_is_found_wherever_it_stands() {
        let small = [0, 0, 0, 0x9D, 1, 0x2A, 8, 0, 8, 0];
        let large = [0, 0, 0, 0x9D, 1, 0x2A, 8, 0, 0xFF, 0x3F];
        let canvas: (&[u8; 4], &[u8]) = (b"VP8X", &[0; 10]);
        for (bytes, fits) in [
            (webp(&[(b"VP8 ", &small)]), true),
            (webp(&[(b"VP8 ", &large)]), false),
            (webp(&[canvas, (b"odd ", b"x"), (b"VP8 ", &large)]), false),
            (webp(&[canvas, (b"VP8 ", &small), (b"VP8 ", &large)]), false),
            (webp(&[canvas, (b"VP8 ", &large[..9])]), true),
            (webp(&[]), true),
            (b"RIFF".to_vec(), true),
        ] {
            assert_eq!(are_within(&bytes, 4096), fits, "{bytes:?}");
        }
    }
}
