//! Makes archives and compressed files.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;

pub fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub fn tarred(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        // Set directly: the builder itself refuses names that climb out.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub fn hash(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

pub fn bz2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(1);
    let mut encoder = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zst(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

pub fn lz4(bytes: &[u8]) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new().content_checksum(true).block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// As `compress` writes: LZW with codes of 9 to `most` bits, which begins anew when its table is full.
pub fn compress(bytes: &[u8], most: u32) -> Vec<u8> {
    let mut out = vec![0x1f, 0x9d, 0x80 | most as u8];
    let (mut bits, mut group, mut used) = (9, Vec::<u32>::new(), 257_u32);
    let mut flush = |group: &mut Vec<u32>, bits: u32, whole: bool| {
        let mut packed = vec![0_u8; bits as usize];
        for (n, code) in group.iter().enumerate() {
            for bit in 0..bits {
                let at = n as u32 * bits + bit;
                packed[at as usize / 8] |= ((code >> bit & 1) as u8) << (at % 8);
            }
        }
        let length = if whole { bits as usize } else { (group.len() * bits as usize).div_ceil(8) };
        if !group.is_empty() {
            out.extend(&packed[..length]);
        }
        group.clear();
    };
    let mut table = std::collections::HashMap::new();
    let mut at: Option<u32> = None;
    for byte in bytes {
        let Some(before) = at else {
            at = Some(u32::from(*byte));
            continue;
        };
        if let Some(code) = table.get(&(before, *byte)) {
            at = Some(*code);
            continue;
        }
        group.push(before);
        if group.len() == 8 {
            flush(&mut group, bits, true);
        }
        // The reader knows of an entry one code later than it is made.
        if used > (1 << bits) - 1 && bits < most {
            flush(&mut group, bits, true);
            bits += 1;
        }
        if used < 1 << most {
            table.insert((before, *byte), used);
            used += 1;
        } else {
            group.push(256);
            flush(&mut group, bits, true);
            table.clear();
            (bits, used) = (9, 257);
        }
        at = Some(u32::from(*byte));
    }
    group.extend(at);
    flush(&mut group, bits, false);
    out
}

/// A way to compress.
pub type Packer = fn(&[u8]) -> Vec<u8>;

/// All compressions with the endings that their files usually have.
pub const PACKERS: [(&str, Packer); 7] =
    [("gz", gz), ("bz2", bz2), ("xz", xz), ("lzma", lzma), ("zst", zst), ("lz4", lz4), ("Z", |bytes| compress(bytes, 16))];

/// Bytes that do not compress.
pub fn noise(length: usize) -> Vec<u8> {
    noise_of(0, length)
}

pub fn noise_of(seed: u64, length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}
