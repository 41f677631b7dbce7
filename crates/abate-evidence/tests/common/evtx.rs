//! Writes event logs as Windows does: head, chunks with their checksums, records of binary XML with templates and substitutions.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;

/// A value in a record.
#[derive(Clone, Copy, Debug)]
pub enum Value<'v> {
    Null,
    Text(&'v str),
    U16(u16),
    U32(u32),
    Hex32(u32),
    Hex64(u64),
    Guid([u8; 16]),
    /// seconds since 1970
    Time(u64),
    /// the last parts of S-1-5-…
    Sid(&'v [u32]),
}

/// An event to be written.
#[derive(Clone, Debug)]
pub struct Event<'e> {
    pub provider: &'e str,
    pub channel: &'e str,
    pub id: u16,
    /// seconds since 1970
    pub at: u64,
    pub user: Value<'e>,
    /// element inside `UserData`; without it the fields stand in `EventData`
    pub user_data: Option<&'e str>,
    /// an empty name is a `Data` without one
    pub fields: Vec<(&'e str, Value<'e>)>,
}

pub const COMPUTER: &str = "web01.example.com";

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn filetime(seconds: u64) -> u64 {
    (seconds + 11_644_473_600) * 10_000_000
}

impl Value<'_> {
    fn bytes(self) -> (u8, Vec<u8>) {
        match self {
            Value::Null => (0x00, Vec::new()),
            Value::Text(text) => (0x01, utf16(text)),
            Value::U16(n) => (0x06, n.to_le_bytes().to_vec()),
            Value::U32(n) => (0x08, n.to_le_bytes().to_vec()),
            Value::Hex32(n) => (0x14, n.to_le_bytes().to_vec()),
            Value::Hex64(n) => (0x15, n.to_le_bytes().to_vec()),
            Value::Guid(guid) => (0x0F, guid.to_vec()),
            Value::Time(at) => (0x11, filetime(at).to_le_bytes().to_vec()),
            Value::Sid(parts) => {
                let mut sid = vec![1, parts.len() as u8, 0, 0, 0, 0, 0, 5];
                sid.extend(parts.iter().flat_map(|part| part.to_le_bytes()));
                (0x13, sid)
            }
        }
    }
}

fn crc(parts: &[&[u8]]) -> u32 {
    let mut crc = flate2::Crc::new();
    parts.iter().for_each(|part| crc.update(part));
    crc.sum()
}

/// A name with its text, or with the number and type of a substitution.
type Attribute<'a> = (&'a str, Result<&'a str, (u16, u8)>);

const CHUNK: usize = 64 << 10;

/// A chunk on its way; places are counted from its beginning.
struct Chunk {
    bytes: Vec<u8>,
    /// where the template of a shape stands
    templates: BTreeMap<String, u32>,
}

impl Chunk {
    fn u16(&mut self, n: u16) {
        self.bytes.extend(n.to_le_bytes());
    }
    fn u32(&mut self, n: u32) {
        self.bytes.extend(n.to_le_bytes());
    }
    fn u64(&mut self, n: u64) {
        self.bytes.extend(n.to_le_bytes());
    }
    /// Leaves room for a size and says where.
    fn size(&mut self) -> usize {
        self.u32(0);
        self.bytes.len()
    }
    fn sized(&mut self, from: usize) {
        let size = (self.bytes.len() - from) as u32;
        self.bytes[from - 4..from].copy_from_slice(&size.to_le_bytes());
    }

    /// A name, written where it is used.
    fn name(&mut self, name: &str) {
        let at = self.bytes.len() as u32 + 4;
        self.u32(at);
        self.u32(0);
        let hash = name.encode_utf16().fold(0_u32, |hash, c| hash.wrapping_mul(65_599).wrapping_add(c.into()));
        self.u16(hash as u16);
        self.u16(name.encode_utf16().count() as u16);
        self.bytes.extend(utf16(name));
        self.u16(0);
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend([0x05, 0x01]);
        self.u16(text.encode_utf16().count() as u16);
        self.bytes.extend(utf16(text));
    }

    fn substitution(&mut self, n: u16, kind: u8) {
        self.bytes.push(0x0E);
        self.u16(n);
        self.bytes.push(kind);
    }

    /// An element with attributes, which are text or substitutions, and what is inside it.
    fn element(&mut self, name: &str, attributes: &[Attribute<'_>], inside: &mut dyn FnMut(&mut Self)) {
        self.bytes.push(if attributes.is_empty() { 0x01 } else { 0x41 });
        self.u16(0xFFFF);
        let element = self.size();
        self.name(name);
        if !attributes.is_empty() {
            let list = self.size();
            for (n, (name, value)) in attributes.iter().enumerate() {
                self.bytes.push(if n + 1 < attributes.len() { 0x46 } else { 0x06 });
                self.name(name);
                match value {
                    Ok(text) => self.text(text),
                    Err((n, kind)) => self.substitution(*n, *kind),
                }
            }
            self.sized(list);
        }
        let before = self.bytes.len();
        self.bytes.push(0x02);
        inside(self);
        if self.bytes.len() == before + 1 {
            self.bytes[before] = 0x03;
        } else {
            self.bytes.push(0x04);
        }
        self.sized(element);
    }

    /// An instance of a template, which is written with the first instance of its shape.
    fn instance(
        &mut self,
        shape: &str,
        body: &mut dyn FnMut(&mut Self),
        values: &[(u8, Vec<u8>)],
        nested: Option<&mut dyn FnMut(&mut Self)>,
    ) {
        self.bytes.extend([0x0F, 1, 1, 0, 0x0C, 1]);
        let id = shape.bytes().fold(7_u32, |id, b| id.wrapping_mul(31).wrapping_add(b.into()));
        self.u32(id);
        match self.templates.get(shape) {
            Some(at) => self.u32(*at),
            None => {
                let at = self.bytes.len() as u32 + 4;
                self.templates.insert(shape.to_owned(), at);
                self.u32(at);
                self.u32(0);
                self.u32(id);
                self.bytes.extend([0x11; 12]);
                let size = self.size();
                self.bytes.extend([0x0F, 1, 1, 0]);
                body(self);
                self.bytes.push(0x00);
                self.sized(size);
            }
        }
        self.u32((values.len() + usize::from(nested.is_some())) as u32);
        for (kind, bytes) in values {
            self.u16(bytes.len() as u16);
            self.bytes.extend([*kind, 0]);
        }
        let descriptor = self.bytes.len();
        if nested.is_some() {
            self.u16(0);
            self.bytes.extend([0x21, 0]);
        }
        values.iter().for_each(|(_, bytes)| self.bytes.extend(bytes));
        if let Some(nested) = nested {
            let from = self.bytes.len();
            nested(self);
            let size = (self.bytes.len() - from) as u16;
            self.bytes[descriptor..descriptor + 2].copy_from_slice(&size.to_le_bytes());
        }
        self.bytes.push(0x00);
    }

    fn event(&mut self, event: &Event<'_>, record: u64) {
        let data: Vec<(u8, Vec<u8>)> = event.fields.iter().map(|(_, value)| value.bytes()).collect();
        let names: Vec<String> = event.fields.iter().zip(&data).map(|((name, _), (kind, _))| format!("{name}:{kind}")).collect();
        let system = [
            Value::U16(event.id).bytes(),
            (0x11, filetime(event.at).to_le_bytes().to_vec()),
            (0x0A, record.to_le_bytes().to_vec()),
            Value::Hex64(0x8010_0000_0000_0000).bytes(),
            event.user.bytes(),
            Value::Text(COMPUTER).bytes(),
            Value::U32(612).bytes(),
        ];
        let mut outer = |chunk: &mut Self| {
            let schema = "http://schemas.microsoft.com/win/2004/08/events/event";
            chunk.element("Event", &[("xmlns", Ok(schema))], &mut |chunk| {
                chunk.element("System", &[], &mut |chunk| {
                    chunk.element("Provider", &[("Name", Ok(event.provider))], &mut |_| {});
                    chunk.element("EventID", &[], &mut |chunk| chunk.substitution(0, 0x06));
                    chunk.element("Level", &[], &mut |chunk| chunk.text("0"));
                    chunk.element("Keywords", &[], &mut |chunk| chunk.substitution(3, 0x15));
                    chunk.element("TimeCreated", &[("SystemTime", Err((1, 0x11)))], &mut |_| {});
                    chunk.element("EventRecordID", &[], &mut |chunk| chunk.substitution(2, 0x0A));
                    chunk.element("Execution", &[("ProcessID", Err((6, 0x08))), ("ThreadID", Ok("8"))], &mut |_| {});
                    chunk.element("Channel", &[], &mut |chunk| chunk.text(event.channel));
                    chunk.element("Computer", &[], &mut |chunk| chunk.substitution(5, 0x01));
                    chunk.element("Security", &[("UserID", Err((4, 0x13)))], &mut |_| {});
                });
                chunk.substitution(7, 0x21);
            });
        };
        let mut fields = |chunk: &mut Self| {
            for (n, (name, value)) in event.fields.iter().enumerate() {
                let kind = value.bytes().0;
                let mut inside = |chunk: &mut Self| chunk.substitution(n as u16, kind);
                match (event.user_data, *name) {
                    (Some(_), name) => chunk.element(name, &[], &mut inside),
                    (None, "") => chunk.element("Data", &[], &mut inside),
                    (None, name) => chunk.element("Data", &[("Name", Ok(name))], &mut inside),
                }
            }
        };
        let mut inner = |chunk: &mut Self| match event.user_data {
            Some(name) => chunk.element("UserData", &[], &mut |chunk| chunk.element(name, &[("xmlns", Ok("ns"))], &mut fields)),
            None => chunk.element("EventData", &[], &mut fields),
        };
        let shape = format!("{:?} {names:?}", event.user_data);
        let mut nested = |chunk: &mut Self| chunk.instance(&shape, &mut inner, &data, None);
        let start = self.bytes.len();
        self.bytes.extend(b"\x2A\x2A\0\0");
        self.u32(0);
        self.u64(record);
        self.u64(filetime(event.at));
        self.instance(&format!("{} {}", event.provider, event.channel), &mut outer, &system, Some(&mut nested));
        while self.bytes.len() % 8 != 4 {
            self.bytes.push(0);
        }
        let size = (self.bytes.len() + 4 - start) as u32;
        self.u32(size);
        self.bytes[start + 4..start + 8].copy_from_slice(&size.to_le_bytes());
    }
}

/// A chunk of records that are numbered from `first`.
pub fn chunk(events: &[Event<'_>], first: u64) -> Vec<u8> {
    let mut chunk = Chunk { bytes: vec![0; 512], templates: BTreeMap::new() };
    let mut last = 512;
    for (event, record) in events.iter().zip(first..) {
        last = chunk.bytes.len();
        chunk.event(event, record);
    }
    let mut bytes = chunk.bytes;
    let used = bytes.len();
    assert!(used <= CHUNK, "too many events for a chunk");
    bytes.resize(CHUNK, 0);
    let end = first + events.len() as u64 - 1;
    bytes[..8].copy_from_slice(b"ElfChnk\0");
    for (at, n) in [(8, first), (16, end), (24, first), (32, end)] {
        bytes[at..at + 8].copy_from_slice(&n.to_le_bytes());
    }
    for (at, n) in [(40, 128), (44, last), (48, used)] {
        bytes[at..at + 4].copy_from_slice(&(n as u32).to_le_bytes());
    }
    sign(&mut bytes);
    bytes
}

/// Sets the checksums of a chunk.
pub fn sign(chunk: &mut [u8]) {
    let used = u32::from_le_bytes(chunk[48..52].try_into().unwrap()) as usize;
    let records = crc(&[&chunk[512..used]]);
    chunk[52..56].copy_from_slice(&records.to_le_bytes());
    let head = crc(&[&chunk[..120], &chunk[128..512]]);
    chunk[124..128].copy_from_slice(&head.to_le_bytes());
}

/// A log of chunks.
pub fn log(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut head = vec![0; 4096];
    head[..8].copy_from_slice(b"ElfFile\0");
    head[16..24].copy_from_slice(&(chunks.len() as u64 - 1).to_le_bytes());
    for (at, n) in [(32, 128_u16), (36, 1), (38, 3), (40, 4096), (42, chunks.len() as u16)] {
        head[at..at + 2].copy_from_slice(&n.to_le_bytes());
    }
    let sum = crc(&[&head[..120]]);
    head[124..128].copy_from_slice(&sum.to_le_bytes());
    [head, chunks.concat()].concat()
}
