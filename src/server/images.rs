//! Pictures from strangers: what is taken, and what is made of it.
//!
//! A file is judged by its first bytes, bounded before it is decoded, and drawn anew: nothing of what it held beside the
//! picture (where it was taken, with what, hidden second files) is left. Decoding happens off the async threads and behind them,
//! never more at once than half the cores: the largest picture takes some hundred megabytes while it is read.

mod readers;
mod restoring;

pub use readers::Reader;

use super::aside::aside;
use super::config::Config;
use super::storage::Storage;
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, UserId};
use crate::shared::images::{MAX_BYTES, Size};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, Limits, RgbImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use readers::Readers;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Most pixels, and longest edge, of what is decoded.
const MAX_PIXELS: u64 = 40_000_000;
const MAX_EDGE: u32 = 20_000;
/// Memory that decoding may ask for: [`MAX_PIXELS`] of eight bytes, and room to work.
const MAX_MEMORY: u64 = 512 * 1024 * 1024;
/// Memory for what a PNG says beside its pixels, and the largest colour profile that is looked at, in bytes.
const MAX_ASIDE: u64 = 16 * 1024 * 1024;
const MAX_PROFILE: usize = 1024 * 1024;
/// Quality of what is kept, 1 to 100 (the scale of libjpeg).
const QUALITY: u8 = 82;

/// Why a file is not taken; each is an entry of `locales/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// More than [`MAX_BYTES`].
    TooLarge,
    /// More than [`MAX_PIXELS`], or longer than [`MAX_EDGE`].
    TooManyPixels,
    /// Neither JPEG nor PNG nor WebP.
    OtherKind,
    /// It moves.
    Animated,
    /// It cannot be read to its end.
    Broken,
}

impl Refusal {
    /// The key of its sentence.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::TooLarge => "images.error.large",
            Self::TooManyPixels => "images.error.pixels",
            Self::OtherKind => "images.error.kind",
            Self::Animated => "images.error.animated",
            Self::Broken => "images.error.broken",
        }
    }
}

/// A picture as it is kept.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Width and height of the largest form, in pixels.
    pub size: (u32, u32),
    /// JPEG files, in the order of [`Size::ALL`].
    pub forms: [Vec<u8>; 3],
}

/// The image store with those who draw for it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Images {
    storage: Storage,
    hands: Arc<Semaphore>,
    readers: Readers,
}

impl Images {
    /// The store that the operator chose.
    ///
    /// # Errors
    /// Those of [`Storage::open`].
    pub fn open(config: &Config) -> Result<Self, String> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self { storage: Storage::open(config)?, hands: Arc::new(Semaphore::new((cores / 2).max(1))), readers: Readers::default() })
    }

    /// Draws a stranger's file anew.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the work could not be run; inside, why the file is not taken.
    pub async fn draw(&self, file: Vec<u8>) -> Result<Result<Drawn, Refusal>, AppError> {
        let hand = self.hands.clone().acquire_owned().await.map_err(|_| AppError::Internal)?;
        let work = move || {
            // Free when the work is done, not when nobody waits for it any more.
            let _hand = hand;
            draw(&file)
        };
        // A decoder that panics refuses the file; the message of the panic is in the log.
        Ok(aside(work).await?.unwrap_or(Err(Refusal::Broken)))
    }

    /// Waits for leave to read a form with files of somebody: so many of them are in memory at once.
    ///
    /// # Errors
    /// [`AppError::SlowDown`] when they have too many under way; [`AppError::Unavailable`] when others are read for too long.
    pub async fn reader(&self, owner: UserId) -> Result<Reader, AppError> {
        self.readers.turn(owner).await
    }

    /// The same store, where a form waits so long for those of others.
    #[must_use]
    pub fn patient(&self, patience: Duration) -> Self {
        Self { readers: self.readers.patient(patience), ..self.clone() }
    }

    /// Keeps all forms of a picture.
    ///
    /// # Errors
    /// [`AppError::Unavailable`]; some of them may be kept then.
    pub async fn keep(&self, id: ImageId, drawn: Drawn) -> Result<(), AppError> {
        for (size, form) in Size::ALL.into_iter().zip(drawn.forms) {
            self.storage.put(&name(id, size), form).await?;
        }
        Ok(())
    }

    /// One form of a picture, a JPEG file.
    ///
    /// # Errors
    /// [`AppError::Unavailable`]
    pub async fn read(&self, id: ImageId, size: Size) -> Result<Option<Vec<u8>>, AppError> {
        self.storage.get(&name(id, size)).await
    }

    /// Removes all forms of a picture, those that are there.
    ///
    /// # Errors
    /// [`AppError::Unavailable`]; some of them may be left then.
    pub async fn remove(&self, id: ImageId) -> Result<(), AppError> {
        for size in Size::ALL {
            self.storage.remove(&name(id, size)).await?;
        }
        Ok(())
    }
}

/// In directories by their first letters: a directory of millions is slow to look at.
fn name(id: ImageId, size: Size) -> String {
    let id = id.0.simple().to_string();
    format!("{}/{id}-{}.jpg", &id[..2], size.code())
}

fn draw(file: &[u8]) -> Result<Drawn, Refusal> {
    if file.len() > MAX_BYTES {
        return Err(Refusal::TooLarge);
    }
    let source = Cursor::new(file);
    match image::guess_format(file) {
        Ok(ImageFormat::Jpeg) if !is_whole_jpeg(file) => Err(Refusal::Broken),
        Ok(ImageFormat::Jpeg) => decode(JpegDecoder::new(source).map_err(|_| Refusal::Broken)?),
        Ok(ImageFormat::Png) => {
            let decoder = PngDecoder::with_limits(source, limits(MAX_ASIDE)).map_err(|_| Refusal::Broken)?;
            if decoder.is_apng().map_err(|_| Refusal::Broken)? { Err(Refusal::Animated) } else { decode(decoder) }
        }
        Ok(ImageFormat::WebP) if !is_whole_webp(file) => Err(Refusal::Broken),
        Ok(ImageFormat::WebP) => {
            let decoder = WebPDecoder::new(source).map_err(|_| Refusal::Broken)?;
            if decoder.has_animation() { Err(Refusal::Animated) } else { decode(decoder) }
        }
        _ => Err(Refusal::OtherKind),
    }
}

/// Whether a JPEG file has its end: the decoder fills up with grey what is missing. (ITU-T T.81, B.1: segments of a marker and a
/// length up to the first scan; behind it `FF D9` can only be the end.)
fn is_whole_jpeg(file: &[u8]) -> bool {
    const SCAN: u8 = 0xda;
    let mut at = 2;
    // Any number of FF may stand before a marker.
    let skip = |mut at: usize| {
        while file.get(at..at + 2) == Some(&[0xff, 0xff]) {
            at += 1;
        }
        at
    };
    at = skip(at);
    while let Some([0xff, marker, high, low]) = file.get(at..at + 4) {
        at += 2 + usize::from(u16::from_be_bytes([*high, *low]));
        if *marker == SCAN {
            return file.get(at..).is_some_and(|rest| rest.windows(2).any(|pair| pair == [0xff, 0xd9]));
        }
        at = skip(at);
    }
    false
}

/// Whether all that a WebP says it has is there: the decoder makes room for what a piece says its length is, before it reads it.
/// (RFC 9649, section 2.3: pieces of a name, a length and as many bytes, in pairs.)
fn is_whole_webp(file: &[u8]) -> bool {
    let length = |at: usize| {
        let bytes = file.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    let Some(end) = length(4).map(|length| length + 8).filter(|end| *end <= file.len()) else { return false };
    let mut at = 12;
    while at + 8 <= end {
        let Some(next) = length(at + 4).map(|length| at + 8 + length).filter(|next| *next <= end) else { return false };
        at = next + next % 2;
    }
    true
}

fn limits(bytes: u64) -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(bytes);
    limits
}

fn decode(mut decoder: impl ImageDecoder) -> Result<Drawn, Refusal> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || width.max(height) > MAX_EDGE {
        return Err(Refusal::TooManyPixels);
    }
    decoder.set_limits(limits(MAX_MEMORY)).map_err(|_| Refusal::TooManyPixels)?;
    // Neither of them is worth refusing a picture for.
    let profile = decoder.icc_profile().ok().flatten().filter(|profile| profile.len() <= MAX_PROFILE);
    let orientation = decoder.orientation().ok();
    let mut picture = fit(DynamicImage::from_decoder(decoder).map_err(|_| Refusal::Broken)?, Size::Large);
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    let mut large = on_white(&picture);
    if let Some(profile) = profile {
        large = in_srgb(large, &profile);
    }
    let large = DynamicImage::from(large);
    let medium = fit(large.clone(), Size::Medium);
    let small = fit(medium.clone(), Size::Small);
    Ok(Drawn { size: (large.width(), large.height()), forms: [jpeg(&small)?, jpeg(&medium)?, jpeg(&large)?] })
}

/// The picture within a size, never enlarged.
fn fit(picture: DynamicImage, size: Size) -> DynamicImage {
    let edge = size.edge();
    if picture.width().max(picture.height()) <= edge {
        return picture;
    }
    picture.resize(edge, edge, FilterType::CatmullRom)
}

/// JPEG knows nothing that shines through.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let picture = picture.to_rgba8();
    let mut flat = RgbImage::new(picture.width(), picture.height());
    for (to, from) in flat.pixels_mut().zip(picture.pixels()) {
        let [.., alpha] = from.0;
        let blend = |channel: u8| ((u32::from(channel) * u32::from(alpha) + 255 * (255 - u32::from(alpha)) + 127) / 255) as u8;
        to.0 = [blend(from.0[0]), blend(from.0[1]), blend(from.0[2])];
    }
    flat
}

/// Phones take pictures in wider colours than sRGB and say so in a profile, which goes with everything else beside the picture:
/// its colours are brought over first. A profile that makes no sense is as good as none.
fn in_srgb(picture: RgbImage, profile: &[u8]) -> RgbImage {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else { return picture };
    if profile.color_space != DataColorSpace::Rgb {
        return picture;
    }
    let Ok(transform) = profile.create_transform_8bit(Layout::Rgb, &ColorProfile::new_srgb(), Layout::Rgb, TransformOptions::default())
    else {
        return picture;
    };
    let mut moved = RgbImage::new(picture.width(), picture.height());
    match transform.transform(picture.as_raw(), &mut moved) {
        Ok(()) => moved,
        Err(_) => picture,
    }
}

fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, Refusal> {
    let mut file = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut file, QUALITY)).map_err(|_| Refusal::Broken)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, Rgba, RgbaImage};

    fn noise(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| Rgb([(x * 7 + y) as u8, (y * 13) as u8, (x ^ y) as u8]))
    }

    fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).expect("written");
        file.into_inner()
    }

    fn read(file: &[u8]) -> RgbImage {
        image::load_from_memory_with_format(file, ImageFormat::Jpeg).expect("a JPEG").into_rgb8()
    }

    /// A JPEG segment after the file's first two bytes.
    fn with_segment(file: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).expect("short").to_be_bytes();
        [&file[..2], &[0xff, marker], &length, content, &file[2..]].concat()
    }

    /// A PNG chunk after the head.
    fn with_chunk(file: &[u8], kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let crc = |bytes: &[u8]| {
            !bytes.iter().fold(u32::MAX, |crc, byte| {
                (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
            })
        };
        let length = u32::try_from(content.len()).expect("short").to_be_bytes();
        let named = [&kind[..], content].concat();
        [&file[..33], &length, &named, &crc(&named).to_be_bytes(), &file[33..]].concat()
    }

    #[test]
    fn pictures_are_kept_in_three_sizes_and_never_enlarged() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let drawn = draw(&written(&noise(1_800, 900).into(), format)).expect("taken");
            assert_eq!(drawn.size, (1_600, 800));
            assert_eq!(drawn.forms.each_ref().map(|form| read(form).dimensions()), [(192, 96), (640, 320), (1_600, 800)]);
        }
        let small = draw(&written(&noise(100, 50).into(), ImageFormat::Png)).expect("taken");
        assert_eq!(small.forms.each_ref().map(|form| read(form).dimensions()), [(100, 50); 3]);
        assert_eq!(draw(&written(&noise(1, 1).into(), ImageFormat::Png)).expect("taken").size, (1, 1));
        // As long and thin as they come.
        assert_eq!(draw(&written(&noise(8_000, 2).into(), ImageFormat::Png)).expect("taken").size, (1_600, 1));
    }

    #[test]
    fn what_a_file_tells_beside_its_picture_is_gone_and_the_picture_stands_upright() {
        // Exif: a table of one entry, orientation 6 (turned by a quarter), and somebody's place behind it.
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend_from_slice(b"37.5665,126.9780");
        let mut file = with_segment(&written(&noise(60, 40).into(), ImageFormat::Jpeg), 0xe1, &exif);
        file = with_segment(&file, 0xfe, b"a comment of the camera");
        file.extend_from_slice(b"<script>alert(1)</script>PK\x03\x04");
        let drawn = draw(&file).expect("taken");
        assert_eq!(drawn.size, (40, 60));
        for form in &drawn.forms {
            for told in [&b"Exif"[..], b"37.5665", b"comment", b"script", b"PK\x03\x04", b"ICC_PROFILE"] {
                assert!(!form.windows(told.len()).any(|part| part == told), "{}", String::from_utf8_lossy(told));
            }
        }
    }

    #[test]
    fn colours_of_other_spaces_are_brought_over() {
        let file = written(&RgbImage::from_pixel(32, 32, Rgb([200, 60, 60])).into(), ImageFormat::Jpeg);
        let profile = ColorProfile::new_display_p3().encode().expect("a profile");
        let in_p3 = with_segment(&file, 0xe2, &[b"ICC_PROFILE\0\x01\x01", profile.as_slice()].concat());
        let (plain, moved) = (draw(&file).expect("taken"), draw(&in_p3).expect("taken"));
        let (plain, moved) = (read(&plain.forms[2]).get_pixel(9, 9).0, read(&moved.forms[2]).get_pixel(9, 9).0);
        assert!(moved[0] > plain[0] + 8 && moved[1] < plain[1], "{plain:?} {moved:?}");
        // A profile that makes no sense changes nothing.
        let nonsense = with_segment(&file, 0xe2, b"ICC_PROFILE\0\x01\x01nonsense");
        assert_eq!(read(&draw(&nonsense).expect("taken").forms[2]).get_pixel(9, 9).0, plain);
    }

    #[test]
    fn what_shines_through_stands_on_white() {
        let glass = RgbaImage::from_fn(32, 16, |x, _| if x < 16 { Rgba([0, 0, 0, 0]) } else { Rgba([0, 0, 0, 255]) });
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let flat = read(&draw(&written(&glass.clone().into(), format)).expect("taken").forms[2]);
            assert!(flat.get_pixel(4, 8).0[0] > 245 && flat.get_pixel(28, 8).0[0] < 10);
        }
    }

    #[test]
    fn other_files_are_refused_by_what_they_are() {
        let png = written(&noise(40, 40).into(), ImageFormat::Png);
        let jpeg = written(&noise(400, 400).into(), ImageFormat::Jpeg);
        let webp = written(&noise(40, 40).into(), ImageFormat::WebP);
        let chunk = |kind: &[u8; 4], content: &[u8]| {
            let length = u32::try_from(content.len()).expect("short").to_le_bytes();
            [&kind[..], &length, content, &vec![0; content.len() % 2]].concat()
        };
        // Each frame: where, how large (less one), how long, how blended; then what the still file has behind its head.
        let frame = chunk(b"ANMF", &[&b"\0\0\0\0\0\0\x27\0\0\x27\0\0\x64\0\0\0"[..], &webp[12..]].concat());
        let head = [chunk(b"VP8X", b"\x02\0\0\0\x27\0\0\x27\0\0"), chunk(b"ANIM", &[0; 6])].concat();
        let moving = chunk(b"RIFF", &[&b"WEBP"[..], &head, &frame, &frame].concat());
        for (what, file, why) in [
            ("nothing", vec![], Refusal::OtherKind),
            ("SVG", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec(), Refusal::OtherKind),
            ("HTML", b"<!doctype html><script>alert(1)</script>".to_vec(), Refusal::OtherKind),
            ("GIF", b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff;".to_vec(), Refusal::OtherKind),
            ("a moving PNG", with_chunk(&png, b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]), Refusal::Animated),
            ("a moving WebP", moving, Refusal::Animated),
            ("half a PNG", png[..png.len() / 2].to_vec(), Refusal::Broken),
            ("half a WebP", webp[..webp.len() / 2].to_vec(), Refusal::Broken),
            ("a third of a JPEG", jpeg[..jpeg.len() / 3].to_vec(), Refusal::Broken),
            ("the head of a JPEG", jpeg[..20].to_vec(), Refusal::Broken),
            ("too many bytes", [png.as_slice(), &vec![0; MAX_BYTES]].concat(), Refusal::TooLarge),
        ] {
            assert_eq!(draw(&file).expect_err(what), why, "{what}");
        }
    }

    #[test]
    fn bombs_are_refused_before_they_go_off() {
        // A head that promises a billion pixels and a file that ends there.
        let png = written(&noise(40, 40).into(), ImageFormat::Png);
        let head = [&65_000_u32.to_be_bytes()[..], &65_000_u32.to_be_bytes(), &png[24..29]].concat();
        let huge = with_chunk(&[&png[..8], &[0; 25]].concat(), b"IDAT", b"");
        let flood = [&huge[..8], &with_chunk(&[&huge[..8], &[0; 25]].concat(), b"IHDR", &head)[33..33 + 25], &png[33..]].concat();
        assert_eq!(draw(&flood).expect_err("a flood"), Refusal::TooManyPixels);
        // Black pixels by the million in a small file, within the memory that decoding may ask for.
        let black = written(&DynamicImage::new_luma8(7_000, 6_000), ImageFormat::Png);
        assert!(black.len() < MAX_BYTES);
        assert_eq!(draw(&black).expect_err("a flood"), Refusal::TooManyPixels);
        // A profile of nothing, for ever: the picture is taken without it.
        let nothing = zeros(400 * 1024 * 1024);
        let bomb = with_chunk(&png, b"iCCP", &[b"x\0\0", nothing.as_slice()].concat());
        assert!(bomb.len() < 1_000_000);
        assert!(draw(&bomb).is_ok_and(|drawn| drawn.size == (40, 40)) && peak() < 200 * 1024 * 1024);
        // A piece of a WebP that says it is four gigabytes long.
        let webp = written(&noise(40, 40).into(), ImageFormat::WebP);
        let mut claim = [&b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x28\0\0\0\x27\0\0\x27\0\0"[..], &webp[12..], b"EXIF\xf0\xff\xff\xff"].concat();
        let length = u32::try_from(claim.len() - 8).expect("short").to_le_bytes();
        claim[4..8].copy_from_slice(&length);
        assert_eq!(draw(&claim).expect_err("a claim"), Refusal::Broken);
    }

    /// The most memory that this process has had, in bytes.
    fn peak() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a line");
        line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).expect("a number") * 1024
    }

    /// So many zeros, as zlib writes them.
    fn zeros(length: usize) -> Vec<u8> {
        use std::io::Write;
        let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..length / 65_536 {
            writer.write_all(&[0; 65_536]).expect("written");
        }
        writer.finish().expect("written")
    }
}
