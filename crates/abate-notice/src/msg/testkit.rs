//! Writes Outlook messages for tests: what [MS-OXMSG] demands of one and no more. Checked once by hand: extract-msg 0.57.0
//! (PyPI) reads subject, sender, recipients, date, bodies, headers, attachments and the mail inside of these files as the
//! tests expect them, and unpacks the same HTML from the RTF. `ABATE_MSG_SAMPLES=DIR cargo test -p abate-notice samples`
//! writes the files for such a check.

use std::io::{Cursor, Write};

use cfb::{CompoundFile, Version};

/// A value of a property.
#[derive(Clone)]
pub(super) enum Value {
    Unicode(String),
    EightBit(Vec<u8>),
    Binary(Vec<u8>),
    Number(u32),
    /// seconds since 1970
    Time(u64),
}

type Properties = Vec<(u32, Value)>;

/// A message to be written.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pub properties: Properties,
    pub recipients: Vec<Properties>,
    pub files: Vec<Properties>,
    pub mails: Vec<Draft>,
}

type File = CompoundFile<Cursor<Vec<u8>>>;

impl Draft {
    pub fn with(mut self, id: u32, value: Value) -> Self {
        self.properties.push((id, value));
        self
    }

    pub fn unicode(self, id: u32, text: &str) -> Self {
        self.with(id, Value::Unicode(text.to_owned()))
    }

    pub fn recipient(mut self, kind: u32, address: &str) -> Self {
        let text = Value::Unicode(address.to_owned());
        let display = (0x3001, text.clone());
        self.recipients.push(vec![(0x0c15, Value::Number(kind)), display, (0x3002, Value::Unicode("SMTP".to_owned())), (0x39fe, text)]);
        self
    }

    pub fn file(mut self, name: &str, kind: &str, bytes: &[u8]) -> Self {
        self.files.push(vec![
            (0x3705, Value::Number(1)),
            (0x3707, Value::Unicode(name.to_owned())),
            (0x370e, Value::Unicode(kind.to_owned())),
            (0x3701, Value::Binary(bytes.to_vec())),
        ]);
        self
    }

    pub fn mail(mut self, mail: Draft) -> Self {
        self.mails.push(mail);
        self
    }

    pub fn write(&self) -> Vec<u8> {
        let mut file = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new())).unwrap();
        file.create_storage("/__nameid_version1.0").unwrap();
        for stream in ["00020102", "00030102", "00040102"] {
            file.create_stream(format!("/__nameid_version1.0/__substg1.0_{stream}")).unwrap();
        }
        self.write_into(&mut file, "", true);
        file.flush().unwrap();
        file.into_inner().into_inner()
    }

    fn write_into(&self, file: &mut File, path: &str, top: bool) {
        let attached = self.files.len() + self.mails.len();
        let mut header = vec![0; 8];
        for count in [self.recipients.len(), attached, self.recipients.len(), attached] {
            header.extend(u32::try_from(count).unwrap().to_le_bytes());
        }
        if top {
            header.extend([0; 8]);
        }
        let mut own = self.properties.clone();
        let eight_bit = own.iter().any(|(_, value)| matches!(value, Value::EightBit(_)));
        if !own.iter().any(|(id, _)| *id == 0x001a) {
            let class = if eight_bit { Value::EightBit(b"IPM.Note".to_vec()) } else { Value::Unicode("IPM.Note".to_owned()) };
            own.push((0x001a, class));
        }
        if !eight_bit {
            // The strings are Unicode.
            own.push((0x340d, Value::Number(0x0004_0000)));
        }
        properties(file, path, &header, &own);
        for (number, recipient) in self.recipients.iter().enumerate() {
            let storage = format!("{path}/__recip_version1.0_#{number:08X}");
            file.create_storage(&storage).unwrap();
            properties(file, &storage, &[0; 8], recipient);
        }
        for (number, one) in self.files.iter().enumerate() {
            let storage = format!("{path}/__attach_version1.0_#{number:08X}");
            file.create_storage(&storage).unwrap();
            properties(file, &storage, &[0; 8], one);
        }
        for (number, mail) in self.mails.iter().enumerate() {
            let storage = format!("{path}/__attach_version1.0_#{:08X}", number + self.files.len());
            file.create_storage(&storage).unwrap();
            properties(file, &storage, &[0; 8], &[(0x3705, Value::Number(5)), (0x3001, Value::Unicode("mail".to_owned()))]);
            let inner = format!("{storage}/__substg1.0_3701000D");
            file.create_storage(&inner).unwrap();
            mail.write_into(file, &inner, false);
        }
    }
}

fn properties(file: &mut File, path: &str, header: &[u8], all: &[(u32, Value)]) {
    let mut list = header.to_vec();
    for (id, value) in all {
        let (kind, bytes, end) = match value {
            Value::Unicode(text) => (0x001f, text.encode_utf16().flat_map(u16::to_le_bytes).collect(), 2),
            Value::EightBit(bytes) => (0x001e, bytes.clone(), 1),
            Value::Binary(bytes) => (0x0102, bytes.clone(), 0),
            Value::Number(number) => (0x0003, u64::from(*number).to_le_bytes().to_vec(), 0),
            Value::Time(seconds) => (0x0040, ((seconds + 11_644_473_600) * 10_000_000).to_le_bytes().to_vec(), 0),
        };
        list.extend((id << 16 | kind).to_le_bytes());
        list.extend(6_u32.to_le_bytes());
        if matches!(kind, 0x0003 | 0x0040) {
            list.extend(bytes);
            continue;
        }
        list.extend(u64::try_from(bytes.len() + end).unwrap().to_le_bytes());
        let mut stream = file.create_stream(format!("{path}/__substg1.0_{id:04X}{kind:04X}")).unwrap();
        stream.write_all(&bytes).unwrap();
    }
    file.create_stream(format!("{path}/__properties_version1.0")).unwrap().write_all(&list).unwrap();
}

/// Compresses RTF without looking for repetitions.
pub(super) fn compressed(rtf: &[u8]) -> Vec<u8> {
    let place = u16::try_from((207 + rtf.len()) % 4096).unwrap();
    let mut body = Vec::new();
    let mut pieces = rtf.chunks_exact(8);
    for piece in &mut pieces {
        body.push(0);
        body.extend(piece);
    }
    let rest = pieces.remainder();
    body.push(1 << rest.len());
    body.extend(rest);
    body.extend((place << 4).to_be_bytes());
    let mut out = u32::try_from(body.len() + 12).unwrap().to_le_bytes().to_vec();
    out.extend(u32::try_from(rtf.len()).unwrap().to_le_bytes());
    out.extend(b"LZFu");
    out.extend(checksum(&body).to_le_bytes());
    out.extend(body);
    out
}

/// RTF as it is, in the frame of compressed RTF.
pub(super) fn uncompressed(rtf: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(rtf.len() + 12).unwrap().to_le_bytes().to_vec();
    out.extend(u32::try_from(rtf.len()).unwrap().to_le_bytes());
    out.extend(b"MELA\0\0\0\0");
    out.extend(rtf);
    out
}

fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1))))
}
