//! Where the files of a drill go: handed out piece by piece as they come to be, so that a drill of any size fits into little
//! memory. The library itself writes nothing to a disk.

use std::io;

use crate::DrillFile;

/// Takes the files of a drill, one after another: a beginning, pieces of content, an end.
pub trait Sink {
    /// A file begins; the last one has ended. `path` is below the drill's folder, with `/`.
    ///
    /// # Errors
    /// The file cannot be taken; the drill stops there.
    fn begin(&mut self, path: &str) -> io::Result<()>;

    /// The next piece of its content.
    ///
    /// # Errors
    /// The piece cannot be taken; the drill stops there.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// The file is complete.
    ///
    /// # Errors
    /// The file cannot be kept; the drill stops there.
    fn end(&mut self) -> io::Result<()>;

    /// How far the work is: records written so far, and about how many there will be.
    fn progress(&mut self, records: u64, expected: u64) {
        let _ = (records, expected);
    }
}

/// Keeps every file in memory; for small drills.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    /// what came so far
    pub(crate) files: Vec<DrillFile>,
}

impl Sink for Collector {
    fn begin(&mut self, path: &str) -> io::Result<()> {
        self.files.push(DrillFile { path: path.to_owned(), bytes: Vec::new() });
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(file) = self.files.last_mut() {
            file.bytes.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}
