//! Archives that came with a mail: reporters send their lists as `.csv.zip`. Only text is taken out, and no more of it than any
//! notice needs, whatever the archive claims.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::decode;
use crate::text::clean;

/// Entries beyond this are not looked at.
const MOST_ENTRIES: usize = 20;
/// More of an entry is not unpacked.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Whether bytes begin like a zip archive.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// What was taken out of an archive.
#[derive(Debug, Default)]
pub(crate) struct Unpacked {
    /// texts, in the archive's order
    pub texts: Vec<String>,
    /// what was left in, and why
    pub left: Vec<String>,
}

/// Takes the texts out of an archive. `None` if it is none, or a broken one.
pub(crate) fn texts(bytes: &[u8]) -> Option<Unpacked> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut out = Unpacked::default();
    if archive.len() > MOST_ENTRIES {
        out.left.push(format!("{} further files in an archive were not read", archive.len() - MOST_ENTRIES));
    }
    for n in 0..archive.len().min(MOST_ENTRIES) {
        let Ok(entry) = archive.by_index(n) else {
            out.left.push("a file in an archive was not read: it is encrypted or damaged".to_owned());
            continue;
        };
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_or_else(|_| "a file".to_owned(), |n| clean(&n));
        let mut content = Vec::new();
        // Read to the limit whatever size the archive claims.
        let read = entry.take(MOST_BYTES + 1).read_to_end(&mut content);
        let whole = read.is_ok() && u64::try_from(content.len()).is_ok_and(|n| n <= MOST_BYTES);
        match decode::text(&content).filter(|_| whole) {
            Some(text) => out.texts.push(clean(&text)),
            None => out.left.push(format!("{name} in an archive was not read: no text, damaged, or larger than {MOST_BYTES} bytes")),
        }
    }
    Some(out)
}

#[cfg(test)]
pub(crate) fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_out_and_the_rest_is_named() {
        let packed = pack(&[("a.csv", b"\"timestamp\",\"ip\"\n"), ("b.png", b"\x89PNG\r\n\x1a\n\0\0")]);
        let out = texts(&packed).unwrap();
        assert_eq!((out.texts.len(), out.left.len()), (1, 1), "{out:?}");
        let bomb = pack(&[("zeros.txt", &vec![b'a'; 6 * 1024 * 1024])]);
        assert!(bomb.len() < 20_000);
        assert_eq!(texts(&bomb).unwrap().left.len(), 1);
        assert!(texts(b"PK\x03\x04 broken").is_none());
    }
}
