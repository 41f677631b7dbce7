//! Columns of few values as Parquet writes them: the values once, and for each row the number of its value in as few bits as it takes. The library
//! would look every value of every row up again.
//!
//! Source: Apache Parquet format, "Encodings", run length encoding / bit-packing hybrid and dictionary encoding.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, OffsetIndexBuilder};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

/// The number of no value.
pub(crate) const NONE: i32 = -1;

/// The values of a column, and for each row the number of its value, or [`NONE`].
#[derive(Default)]
pub(crate) struct Words {
    /// each value once
    pub values: Vec<Box<str>>,
    /// for each row
    pub rows: Vec<i32>,
}

/// The bytes of a column that may be empty in every row, and what is known of them.
pub(crate) fn encoded(words: &Words, column: ColumnDescPtr) -> Result<(Bytes, ColumnCloseResult)> {
    let rows = words.rows.len();
    let mut out = TrackedWrite::new(Vec::new());
    let mut pages = SerializedPageWriter::new(&mut out);
    let mut written = 0;
    let dictionary = (!words.values.is_empty()).then(|| dictionary(&words.values)).transpose()?;
    if let Some(buf) = dictionary.clone() {
        let (size, num_values) = (buf.len(), count(words.values.len())?);
        let page = Page::DictionaryPage { buf, num_values, encoding: Encoding::PLAIN, is_sorted: false };
        written = pages.write_page(CompressedPage::new(page, size))?.bytes_written;
    }
    let encoding = if dictionary.is_some() { Encoding::RLE_DICTIONARY } else { Encoding::PLAIN };
    let buf = Bytes::from(data(words));
    let size = buf.len();
    let page = Page::DataPage {
        buf,
        num_values: count(rows)?,
        encoding,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    };
    let page = pages.write_page(CompressedPage::new(page, size))?;
    let mut index = OffsetIndexBuilder::new();
    index.append_row_count(offset(rows)?);
    let page_size = i32::try_from(page.compressed_size).map_err(|_| ParquetError::General("a page is too large".to_owned()))?;
    index.append_offset_and_size(offset(page.offset)?, page_size);
    index.append_unencoded_byte_array_data_bytes(None);
    let bytes = Bytes::from(out.into_inner()?);
    let total = offset(bytes.len())?;
    let metadata = ColumnChunkMetaData::builder(column)
        .set_compression(Compression::UNCOMPRESSED)
        .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, encoding])
        .set_total_compressed_size(total)
        .set_total_uncompressed_size(total)
        .set_num_values(offset(rows)?)
        .set_data_page_offset(offset(written)?)
        .set_dictionary_page_offset(dictionary.is_some().then_some(0))
        .build()?;
    let close = ColumnCloseResult {
        bytes_written: bytes.len() as u64,
        rows_written: rows as u64,
        metadata,
        bloom_filter: None,
        column_index: None,
        offset_index: Some(index.build()),
    };
    Ok((bytes, close))
}

fn count(n: usize) -> Result<u32> {
    u32::try_from(n).map_err(|_| ParquetError::General("too many rows for one page".to_owned()))
}

fn offset(n: impl TryInto<i64>) -> Result<i64> {
    n.try_into().map_err(|_| ParquetError::General("a column is too large for one file".to_owned()))
}

/// The values, each behind its length.
fn dictionary(values: &[Box<str>]) -> Result<Bytes> {
    let mut out = Vec::with_capacity(values.iter().map(|value| 4 + value.len()).sum());
    for value in values {
        out.extend_from_slice(&count(value.len())?.to_le_bytes());
        out.extend_from_slice(value.as_bytes());
    }
    Ok(out.into())
}

/// Which rows have a value, then the numbers of their values.
fn data(words: &Words) -> Vec<u8> {
    let mut levels = Vec::new();
    let missing = words.rows.iter().filter(|row| **row == NONE).count();
    match missing {
        0 => run(&mut levels, words.rows.len(), 1, 1),
        all if all == words.rows.len() => run(&mut levels, all, 0, 1),
        _ => hybrid(&mut levels, words.rows.iter().map(|row| u32::from(*row != NONE)), 1),
    }
    let mut out = u32::try_from(levels.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
    out.append(&mut levels);
    if words.values.is_empty() {
        return out;
    }
    let bits = u32::BITS - u32::try_from(words.values.len() - 1).unwrap_or(u32::MAX).leading_zeros();
    out.push(u8::try_from(bits).unwrap_or(32));
    hybrid(&mut out, words.rows.iter().filter_map(|row| u32::try_from(*row).ok()), bits);
    out
}

/// Numbers in so many bits each: long repetitions as one, the others packed by eight.
fn hybrid(out: &mut Vec<u8>, numbers: impl Iterator<Item = u32>, bits: u32) {
    /// A repetition shorter than that is packed with the others.
    const LONG: usize = 16;
    let mut numbers = numbers.peekable();
    let (mut packed, mut groups) = (Vec::new(), 0);
    let mut eight = [0; 8];
    // Numbers that were looked at and are not written yet are all the same.
    let (mut last, mut same) = (0, 0);
    loop {
        while let Some(next) = numbers.next_if(|next| same == 0 || *next == last) {
            (last, same) = (next, same + 1);
        }
        if same >= LONG || (same > 0 && numbers.peek().is_none() && groups == 0 && packed.is_empty()) {
            flush(out, &mut packed, &mut groups);
            run(out, same, last, bits);
            same = 0;
        } else {
            let mut filled = 0;
            while filled < eight.len() {
                let next = if same > 0 {
                    same -= 1;
                    Some(last)
                } else {
                    numbers.next()
                };
                let Some(next) = next else { break };
                if let Some(slot) = eight.get_mut(filled) {
                    *slot = next;
                }
                filled += 1;
            }
            if filled == 0 {
                break;
            }
            // What fills the last group up is never read.
            eight.iter_mut().skip(filled).for_each(|slot| *slot = 0);
            pack(&mut packed, &eight, bits);
            groups += 1;
        }
    }
    flush(out, &mut packed, &mut groups);
}

/// Eight numbers, the first in the lowest bits. A number has at most 16 bits.
fn pack(out: &mut Vec<u8>, eight: &[u32; 8], bits: u32) {
    let packed = eight.iter().rev().fold(0_u128, |packed, number| (packed << bits) | u128::from(*number));
    out.extend(packed.to_le_bytes().iter().take(bits as usize));
}

fn flush(out: &mut Vec<u8>, packed: &mut Vec<u8>, groups: &mut u64) {
    if *groups > 0 {
        varint(out, (*groups << 1) | 1);
        out.append(packed);
        *groups = 0;
    }
}

fn run(out: &mut Vec<u8>, length: usize, number: u32, bits: u32) {
    varint(out, (length as u64) << 1);
    out.extend(number.to_le_bytes().iter().take(bits.div_ceil(8) as usize));
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        // The lowest seven bits, and that more follow.
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push((number & 0x7f) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads numbers as the format's page says.
    fn read(mut bytes: &[u8], bits: u32, most: usize) -> Vec<u32> {
        let mut numbers = Vec::new();
        while numbers.len() < most && !bytes.is_empty() {
            let (mut header, mut shift) = (0_u64, 0);
            loop {
                let byte = bytes[0];
                bytes = &bytes[1..];
                header |= u64::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            if header & 1 == 0 {
                let width = bits.div_ceil(8) as usize;
                let number = bytes[..width].iter().rev().fold(0, |n, byte| (n << 8) | u32::from(*byte));
                bytes = &bytes[width..];
                numbers.extend(std::iter::repeat_n(number, usize::try_from(header >> 1).unwrap()));
            } else {
                let count = usize::try_from(header >> 1).unwrap() * 8;
                for n in 0..count {
                    let bit = |b: usize| u32::from(bytes[b / 8] >> (b % 8) & 1);
                    let from = n * bits as usize;
                    numbers.push((0..bits as usize).fold(0, |number, b| number | bit(from + b) << b));
                }
                bytes = &bytes[count / 8 * bits as usize..];
            }
        }
        numbers.truncate(most);
        numbers
    }

    #[test]
    fn numbers_come_out_of_the_hybrid_as_they_went_in() {
        let mut seed = 7_u32;
        let mut next = |most: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % most
        };
        for bits in 0..=11_u32 {
            for length in [0_usize, 1, 7, 8, 9, 15, 16, 17, 40, 3000] {
                let mut numbers = Vec::new();
                while numbers.len() < length {
                    let repeat = if next(3) == 0 { next(60) as usize + 1 } else { 1 };
                    let number = next(1 << bits);
                    numbers.extend(std::iter::repeat_n(number, repeat));
                }
                numbers.truncate(length);
                let mut out = Vec::new();
                hybrid(&mut out, numbers.iter().copied(), bits);
                assert_eq!(read(&out, bits, length), numbers, "{bits} bits, {length} numbers");
            }
        }
    }
}
