//! Looks through the headers of a Parquet file before the library does: the library makes room for as much as they say, and a
//! hostile file says too much. The headers are Thrift structs in the compact protocol; numbers in them are bounded by the bytes
//! that are there.

use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use crate::Limits;

/// Deepest nesting of headers, and of the columns.
const MAX_DEPTH: usize = 24;
/// Largest page, unpacked.
const MAX_PAGE: u64 = 256 << 20;
/// Pages below this are never made to unpack to too much.
const RATIO_FREE: u64 = 1 << 20;
/// Fewest rows that are always read, however small the file is.
const ROWS_FREE: u64 = 1 << 16;

pub(super) type Checked<T> = Result<T, &'static str>;

const CUT: &str = "a header of the Parquet file is cut off or damaged";

/// Reads the compact protocol.
struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

/// The numbers of a struct, and the lengths of its texts, with the ids of the fields that lead to them.
type Numbers<'f> = dyn FnMut(&[i16], i64) + 'f;

impl Cursor<'_> {
    fn byte(&mut self) -> Checked<u8> {
        let byte = self.bytes.get(self.at).copied().ok_or(CUT)?;
        self.at += 1;
        Ok(byte)
    }

    fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    fn varint(&mut self) -> Checked<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(CUT)
    }

    fn zigzag(&mut self) -> Checked<i64> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn skip(&mut self, count: u64) -> Checked<()> {
        let count = usize::try_from(count).ok().filter(|count| *count <= self.left()).ok_or(CUT)?;
        self.at += count;
        Ok(())
    }

    /// One struct, up to its end.
    fn structure(&mut self, path: &mut Vec<i16>, numbers: &mut Numbers<'_>) -> Checked<()> {
        if path.len() >= MAX_DEPTH {
            return Err("the headers of the Parquet file are nested too deep");
        }
        let mut id = 0_i16;
        loop {
            let head = self.byte()?;
            let kind = head & 0x0F;
            if kind == 0 {
                return Ok(());
            }
            let step = i16::from(head >> 4);
            id = if step == 0 { i16::try_from(self.zigzag()?).map_err(|_| CUT)? } else { id.checked_add(step).ok_or(CUT)? };
            path.push(id);
            self.value(kind, false, path, numbers)?;
            path.pop();
        }
    }

    fn value(&mut self, kind: u8, in_list: bool, path: &mut Vec<i16>, numbers: &mut Numbers<'_>) -> Checked<()> {
        match kind {
            // In a struct a truth value is its own type; in a list it takes a byte.
            1 | 2 => self.skip(u64::from(in_list)),
            3 => self.skip(1),
            4..=6 => {
                let number = self.zigzag()?;
                numbers(path, number);
                Ok(())
            }
            7 => self.skip(8),
            8 => {
                let length = self.varint()?;
                numbers(path, i64::try_from(length).map_err(|_| CUT)?);
                self.skip(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let (kind, size) = (head & 0x0F, u64::from(head >> 4));
                let size = if size == 15 { self.varint()? } else { size };
                // An element takes a byte at least.
                if size > self.left() as u64 {
                    return Err("a list in a header of the Parquet file says that it is longer than the file");
                }
                for _ in 0..size {
                    self.value(kind, true, path, numbers)?;
                }
                Ok(())
            }
            12 => self.structure(path, numbers),
            _ => Err("a header of the Parquet file has a value of an unknown type"),
        }
    }
}

/// Checks the footer of a file.
pub(super) fn footer(bytes: &[u8]) -> Checked<()> {
    let tail = bytes.len().checked_sub(8).filter(|tail| *tail >= 4).ok_or("the Parquet file is cut off")?;
    let length: [u8; 4] = bytes.get(tail..tail + 4).and_then(|b| b.try_into().ok()).ok_or(CUT)?;
    match bytes.get(tail + 4..) {
        Some(b"PAR1") => {}
        Some(b"PARE") => return Err("the Parquet file is encrypted"),
        _ => return Err("the Parquet file is cut off: its end mark is missing"),
    }
    let begin = tail.checked_sub(usize::try_from(u32::from_le_bytes(length)).map_err(|_| CUT)?).filter(|begin| *begin >= 4);
    let footer = bytes.get(begin.ok_or("the Parquet file is cut off: its footer is longer than it")?..tail).ok_or(CUT)?;
    let (mut children, mut rows, mut group_rows): (Vec<i64>, i64, Vec<i64>) = (Vec::new(), 0, Vec::new());
    let mut cursor = Cursor { bytes: footer, at: 0 };
    cursor.structure(&mut Vec::new(), &mut |path, number| match path {
        // Every part of the columns has a name, and what has parts below it says how many.
        [2, 4] => children.push(0),
        [2, 5] => *children.last_mut().unwrap_or(&mut 0) = number,
        [3] => rows = number,
        [4, 3] => group_rows.push(number),
        _ => {}
    })?;
    if children.iter().any(|count| *count < 0 || *count > footer.len() as i64) {
        return Err("the columns of the Parquet file are said to have more parts than there are");
    }
    if deep(&children) {
        return Err("the columns of the Parquet file are nested too deep");
    }
    let most = (bytes.len() as u64).max(ROWS_FREE);
    let total = group_rows.iter().try_fold(0_u64, |sum, rows| sum.checked_add(u64::try_from(*rows).ok()?));
    if rows < 0 || total.is_none_or(|total| total > most) || rows.unsigned_abs() > most {
        return Err("the Parquet file says that it has more rows than its size allows");
    }
    Ok(())
}

/// Whether parts, each with how many stand directly below it, are nested too deep. They come from the outside in, first to last.
fn deep(children: &[i64]) -> bool {
    let mut open: Vec<i64> = Vec::new();
    children.iter().any(|count| {
        while open.last() == Some(&0) {
            open.pop();
        }
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        open.push(*count);
        open.len() > MAX_DEPTH
    })
}

/// Checks the pages of all columns, which the library found in the footer.
pub(super) fn columns(bytes: &[u8], metadata: &ParquetMetaData, limits: &Limits) -> Checked<()> {
    let mut unpacked = 0_u64;
    // A group without rows need not have pages, and is not opened.
    let groups = metadata.row_groups().iter().filter(|group| group.num_rows() != 0);
    for column in groups.flat_map(RowGroupMetaData::columns) {
        let data = column.data_page_offset();
        let start = column.dictionary_page_offset().filter(|at| *at > 0 && *at < data).unwrap_or(data);
        let start = usize::try_from(start).map_err(|_| CUT)?;
        let end = usize::try_from(column.compressed_size()).ok().and_then(|packed| start.checked_add(packed)).ok_or(CUT)?;
        let pages = bytes.get(start..end).ok_or("a column of the Parquet file lies behind its end")?;
        if column.num_values() < 0 {
            return Err(CUT);
        }
        unpacked = unpacked.saturating_add(self::pages(pages)?);
        if unpacked > limits.max_stream || (unpacked > 16 << 20 && unpacked / limits.max_ratio.max(1) > bytes.len() as u64) {
            return Err("the Parquet file unpacks to more than is read");
        }
    }
    Ok(())
}

/// Checks the pages of a column; says what they unpack to.
fn pages(bytes: &[u8]) -> Checked<u64> {
    let (mut rest, mut total) = (bytes, 0_u64);
    while !rest.is_empty() {
        let (mut unpacked, mut packed, mut least) = (0, 0, 0);
        let mut values: i64 = 0;
        let mut cursor = Cursor { bytes: rest, at: 0 };
        cursor.structure(&mut Vec::new(), &mut |path, number| match path {
            [2] => unpacked = number,
            [3] => packed = number,
            [5 | 8, 1] => values = number,
            // Every value of a dictionary takes room.
            [7, 1] => least = number,
            _ => {}
        })?;
        let size = u64::try_from(unpacked).map_err(|_| CUT)?;
        let held =
            usize::try_from(packed).ok().filter(|packed| *packed <= cursor.left()).ok_or("a page lies behind the end of its column")?;
        let blown = size > RATIO_FREE && size / 4000 > held as u64;
        if size > MAX_PAGE || blown || values < 0 || least < 0 || least.unsigned_abs() > size.saturating_mul(8) {
            return Err("a page of the Parquet file says that it holds more than its size allows");
        }
        total = total.saturating_add(size);
        rest = rest.get(cursor.at + held..).unwrap_or_default();
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_says_too_much() {
        let walk = |bytes: &[u8]| Cursor { bytes, at: 0 }.structure(&mut Vec::new(), &mut |_, _| {});
        // Field 1: an i32; the end.
        assert!(walk(&[0x15, 0x02, 0x00]).is_ok());
        // A list of 2^28 structs in nothing; text of 2^60 bytes; a struct without an end; structs without an end to their nesting.
        assert!(walk(&[0x19, 0xFC, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00]).is_err());
        assert!(walk(&[0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 0x00]).is_err());
        assert!(walk(&[0x15]).is_err());
        assert!(walk(&[0x1C; 1000]).is_err());
        assert!(deep(&[1; 100]) && !deep(&[3, 0, 0, 0]) && !deep(&[&[200][..], &[0; 200]].concat()));
        for bytes in [&b""[..], b"PAR1", b"PAR1PAR1", b"PAR1\x00\x00\x00\x00PARE", b"PAR1\xFF\xFF\xFF\x7FPAR1"] {
            assert!(footer(bytes).is_err());
        }
    }
}
