//! Outlook messages around fuzzed words: a compound file with the streams of [MS-OXMSG], so that the words reach the readers of
//! RTF, HTML, headers and attachments. What damages the container itself is fuzzed with whole files.

use std::io::{self, Cursor, Write};

use cfb::{CompoundFile, Version};

type File = CompoundFile<Cursor<Vec<u8>>>;

/// Property tags, in the order of an input's fields.
const TAGS: [u32; 12] = [
    0x1009_0102, // compressed RTF
    0x1000_001e, // body
    0x1013_0102, // HTML
    0x007d_001e, // headers
    0x0037_001e, // subject
    0x0065_001e, // sender
    0x0050_001e, // reply-to
    0x001a_001e, // class
    0x1039_001e, // references
    0x1035_001e, // Message-ID
    0x0e04_001e, // shown recipients
    0x1042_001e, // answered mail
];

/// A message of the fields of an input, parted by [`crate::UNIT`]: code page (one byte), how the RTF is packed (one byte), a file's
/// name, a file's contents, then the properties of [`TAGS`].
///
/// # Errors
///
/// If the compound file cannot be written.
pub fn message(data: &[u8]) -> io::Result<Vec<u8>> {
    let fields: Vec<&[u8]> = data.split(|byte| *byte == crate::UNIT).collect();
    let field = |n: usize| fields.get(n).copied().unwrap_or_default();
    let mut file = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))?;
    let pages = [1252_u32, 932, 65001, 50220, 1251, 51932, 1200, 936];
    let page = field(0).first().map_or(1252, |byte| pages.get(usize::from(*byte) % pages.len()).copied().unwrap_or(1252));
    let mut list = vec![0; 32];
    number(&mut list, 0x3ffd_0003, u64::from(page));
    number(&mut list, 0x3fde_0003, u64::from(page));
    number(&mut list, 0x0039_0040, 134_170_362_000_000_000);
    for (n, tag) in TAGS.iter().enumerate() {
        let value = field(n + 4);
        if value.is_empty() {
            continue;
        }
        let packed = if *tag == 0x1009_0102 { packed(value, field(1).first().copied()) } else { value.to_vec() };
        stream(&mut file, "", *tag, &packed, &mut list)?;
    }
    write(&mut file, "/__properties_version1.0", &list)?;
    if !field(3).is_empty() {
        let storage = "/__attach_version1.0_#00000000";
        file.create_storage(storage)?;
        let mut list = vec![0; 8];
        number(&mut list, 0x3705_0003, 1);
        stream(&mut file, storage, 0x3707_001e, field(2), &mut list)?;
        stream(&mut file, storage, 0x3701_0102, field(3), &mut list)?;
        write(&mut file, &format!("{storage}/__properties_version1.0"), &list)?;
    }
    file.flush()?;
    Ok(file.into_inner().into_inner())
}

fn number(list: &mut Vec<u8>, tag: u32, value: u64) {
    list.extend(tag.to_le_bytes());
    list.extend(6_u32.to_le_bytes());
    list.extend(value.to_le_bytes());
}

fn stream(file: &mut File, path: &str, tag: u32, bytes: &[u8], list: &mut Vec<u8>) -> io::Result<()> {
    number(list, tag, u64::try_from(bytes.len()).unwrap_or_default());
    write(file, &format!("{path}/__substg1.0_{tag:08X}"), bytes)
}

fn write(file: &mut File, path: &str, bytes: &[u8]) -> io::Result<()> {
    file.create_stream(path)?.write_all(bytes)
}

/// RTF in its frame: as it is, as literals of the compressed form, or as a compressed stream that the input itself makes up.
fn packed(rtf: &[u8], how: Option<u8>) -> Vec<u8> {
    let (mark, body): (&[u8], Vec<u8>) = match how {
        Some(b'l') => (b"LZFu", rtf.chunks(8).flat_map(|piece| std::iter::once(0).chain(piece.iter().copied())).collect()),
        Some(b'c') => (b"LZFu", rtf.to_vec()),
        _ => (b"MELA", rtf.to_vec()),
    };
    let size = |length: usize| u32::try_from(length).unwrap_or_default().to_le_bytes();
    [&size(body.len() + 12), &size(rtf.len()), mark, &[0; 4], &body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_arrive() {
        let of = |how: &str| {
            let input =
                format!("\0\x1f{how}\x1fa.txt\x1fin the file\x1f{{\\rtf1\\ansi the RTF\\par}}\x1f\x1f\x1f\x1fa subject\x1fa@example.com");
            abate_notice::read(&message(input.as_bytes()).unwrap(), &crate::ctx()).unwrap()
        };
        for how in ["", "l"] {
            let notice = of(how);
            assert_eq!(notice.subject.as_deref(), Some("a subject"));
            assert_eq!(notice.from.as_deref(), Some("a@example.com"));
            assert!(format!("{}{}", notice.body, notice.reporter.clone().unwrap_or_default()).contains("the RTF"), "{notice:?}");
            assert!(format!("{notice:?}").contains("in the file"), "{notice:?}");
        }
    }
}
