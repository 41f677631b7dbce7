//! The compound file below an Outlook message, and the properties in its storages ([MS-OXMSG] 2). Sizes that the file
//! claims are not believed: no more is read in all than the file has bytes.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use cfb::CompoundFile;
use encoding_rs::{Encoding, UTF_16LE};
use jiff::Timestamp;

use super::codepage;
use crate::{NoticeError, PLACE};

/// The header of `__properties_version1.0` in the message itself.
pub(super) const TOP: usize = 32;
/// … in a message inside.
pub(super) const EMBEDDED: usize = 24;
/// … in an attachment or a recipient.
pub(super) const PART: usize = 8;

const PROPERTIES: &str = "__properties_version1.0";
/// No message has more properties.
const MOST_PROPERTIES: usize = 10_000;
/// Seconds from 1601 to 1970.
const EPOCH: i64 = 11_644_473_600;

/// An opened compound file.
pub(super) struct Container<'b> {
    file: CompoundFile<Cursor<&'b [u8]>>,
    /// how many bytes may still be read: streams that share sectors would be read again and again
    budget: usize,
    /// whether something in it could not be read
    pub damaged: bool,
}

impl<'b> Container<'b> {
    /// Opens a file that holds a message.
    pub fn open(bytes: &'b [u8]) -> Result<Self, NoticeError> {
        let file = CompoundFile::open(Cursor::new(bytes)).map_err(|error| corrupt(&error.to_string()))?;
        let container = Self { file, budget: bytes.len(), damaged: false };
        if container.is_message("") {
            return Ok(container);
        }
        Err(NoticeError::Unsupported { place: PLACE, expected: "a mail among the compound files (.msg)", found: container.other_kind() })
    }

    /// Whether a storage holds a message.
    pub fn is_message(&self, path: &str) -> bool {
        self.file.is_stream(format!("{path}/{PROPERTIES}"))
    }

    /// Whether there is a storage.
    pub fn is_storage(&self, path: &str) -> bool {
        self.file.is_storage(path)
    }

    /// The storages in another whose names begin so and end in a number, in the order of the numbers.
    pub fn numbered(&self, path: &str, prefix: &str) -> Vec<String> {
        let Ok(entries) = self.file.read_storage(if path.is_empty() { "/" } else { path }) else { return Vec::new() };
        let numbered = |name: &str| {
            let digits = name.strip_prefix(prefix)?;
            (digits.len() == 8).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
        };
        let mut found: Vec<(u32, String)> = entries
            .filter(|entry| entry.is_storage())
            .filter_map(|entry| Some((numbered(entry.name())?, format!("{path}/{}", entry.name()))))
            .collect();
        found.sort();
        found.into_iter().map(|(_, name)| name).collect()
    }

    fn stream(&mut self, path: &str) -> Option<Vec<u8>> {
        if !self.file.is_stream(path) {
            return None;
        }
        let mut bytes = Vec::new();
        let most = u64::try_from(self.budget).unwrap_or(u64::MAX).saturating_add(1);
        let whole = self.file.open_stream(path).is_ok_and(|stream| stream.take(most).read_to_end(&mut bytes).is_ok());
        self.damaged |= !whole || bytes.len() > self.budget;
        bytes.truncate(self.budget);
        self.budget -= bytes.len();
        Some(bytes)
    }

    fn other_kind(&self) -> String {
        const KINDS: [(&str, &str); 7] = [
            ("/WordDocument", "a Word document"),
            ("/Workbook", "an Excel workbook"),
            ("/Book", "an Excel workbook"),
            ("/PowerPoint Document", "a PowerPoint presentation"),
            ("/EncryptedPackage", "an encrypted Office document"),
            ("/VisioDocument", "a Visio drawing"),
            ("/__nameid_version1.0", "an Outlook message without properties"),
        ];
        KINDS.iter().find(|(path, _)| self.file.exists(path)).map_or("a compound file of another kind", |(_, kind)| kind).to_owned()
    }
}

/// The error for a damaged file.
pub(super) fn corrupt(found: &str) -> NoticeError {
    let found = found.chars().filter(|c| !c.is_control()).take(200).collect();
    NoticeError::Corrupt { place: PLACE, expected: "a whole Outlook message (.msg)", found }
}

/// The properties of a message, an attachment or a recipient.
pub(super) struct Properties {
    path: String,
    /// values of fixed size by property tag
    fixed: BTreeMap<u32, [u8; 8]>,
    /// of its 8-bit strings
    pub encoding: Option<&'static Encoding>,
}

impl Properties {
    /// Reads the properties of the storage `path`, whose property stream has a header of so many bytes.
    pub fn read(container: &mut Container<'_>, path: &str, header: usize, encoding: Option<&'static Encoding>) -> Self {
        let stream = container.stream(&format!("{path}/{PROPERTIES}"));
        container.damaged |= stream.as_ref().is_none_or(|s| s.len() < header);
        let mut fixed = BTreeMap::new();
        for entry in stream.unwrap_or_default().get(header..).unwrap_or_default().chunks_exact(16).take(MOST_PROPERTIES) {
            if let (Some(Ok(tag)), Some(Ok(value))) = (entry.get(..4).map(TryInto::try_into), entry.get(8..).map(TryInto::try_into)) {
                fixed.insert(u32::from_le_bytes(tag), value);
            }
        }
        Self { path: path.to_owned(), fixed, encoding }
    }

    fn fixed(&self, id: u32, kind: u32) -> Option<u64> {
        self.fixed.get(&(id << 16 | kind)).copied().map(u64::from_le_bytes)
    }

    /// A whole number.
    pub fn number(&self, id: u32) -> Option<u32> {
        self.fixed(id, 0x0003).and_then(|value| u32::try_from(value & 0xffff_ffff).ok())
    }

    /// A time.
    pub fn time(&self, id: u32) -> Option<Timestamp> {
        let ticks = i64::try_from(self.fixed(id, 0x0040)?).ok().filter(|ticks| *ticks > 0)?;
        Timestamp::new(ticks / 10_000_000 - EPOCH, 0).ok()
    }

    /// Bytes.
    pub fn binary(&self, container: &mut Container<'_>, id: u32) -> Option<Vec<u8>> {
        container.stream(&self.stream_name(id, 0x0102))
    }

    /// The storage of an object.
    pub fn object(&self, id: u32) -> String {
        self.stream_name(id, 0x000d)
    }

    /// A string, Unicode or 8-bit. `None` if it is blank.
    pub fn string(&self, container: &mut Container<'_>, id: u32) -> Option<String> {
        let text = match container.stream(&self.stream_name(id, 0x001f)) {
            Some(bytes) => UTF_16LE.decode_without_bom_handling(&bytes).0.into_owned(),
            None => codepage::text(&container.stream(&self.stream_name(id, 0x001e))?, self.encoding),
        };
        let text = text.trim_end_matches('\0');
        (!text.trim().is_empty()).then(|| text.to_owned())
    }

    fn stream_name(&self, id: u32, kind: u32) -> String {
        format!("{}/__substg1.0_{id:04X}{kind:04X}", self.path)
    }
}
