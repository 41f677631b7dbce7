//! Objects in order, fetched ahead. Every object is cut into pieces; some pieces are always on their way, as many as a bound on requests and
//! on bytes allows, over the ends of objects too, so that neither many small objects nor a large one wait for the network. A piece is asked for
//! with the tag that was listed, so that no other content can come, and whole again when its connection breaks.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use abate_app::ports::{Fetch, Object};
use bytes::{Buf, Bytes};
use reqwest::Method;
use reqwest::header::{CONTENT_RANGE, IF_MATCH, RANGE};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;

use crate::client::{Ask, Client};
use crate::place::Place;
use crate::trouble::{Kind, Trouble};

/// Bytes of a piece, at the most.
const PIECE: u64 = 4 << 20;
/// Requests on their way at once, for one reader.
const REQUESTS: usize = 32;
/// Bytes on their way or waiting at once, for one reader, in KiB.
const KIBS: u32 = 32 << 10;

/// What is told of every trouble.
pub(crate) type Noted = Arc<dyn Fn(&Trouble) + Send + Sync>;

/// A piece of an object on its way.
struct Piece {
    /// the object's number
    of: usize,
    is_last: bool,
    bytes: JoinHandle<Result<Bytes, Trouble>>,
    /// given back when the bytes are used up
    _room: [OwnedSemaphorePermit; 2],
    /// tells those who fetch the object that nobody wants more of it
    unwanted: Arc<AtomicBool>,
}

/// Objects on their way.
pub(crate) struct Fetching {
    runtime: Handle,
    noted: Noted,
    count: usize,
    /// the object that is next
    next: usize,
    coming: mpsc::Receiver<Piece>,
    driver: JoinHandle<()>,
    /// the piece that is being read, and what is left of it
    here: Option<(Piece, Bytes)>,
}

impl Fetching {
    pub fn start(runtime: &Handle, client: Arc<Client>, objects: Vec<Object>, noted: Noted) -> Self {
        let (send, coming) = mpsc::channel(REQUESTS);
        let count = objects.len();
        let driver = runtime.spawn(drive(client, objects, send));
        Self { runtime: runtime.clone(), noted, count, next: 0, coming, driver, here: None }
    }

    /// Waits for the next piece of an object.
    fn piece(&mut self, of: usize) -> Result<(), Trouble> {
        self.here = None;
        let lost = || Trouble::new(Kind::Answer, "the fetching stopped: please report it as a bug");
        loop {
            let mut piece = self.coming.blocking_recv().ok_or_else(lost)?;
            if piece.of < of {
                // Nobody read that object to its end.
                piece.unwanted.store(true, Ordering::Relaxed);
                piece.bytes.abort();
                continue;
            }
            if piece.of > of {
                return Err(lost());
            }
            let fetched = self.runtime.block_on(&mut piece.bytes).unwrap_or_else(|_| Err(lost()));
            if fetched.is_err() {
                piece.unwanted.store(true, Ordering::Relaxed);
            }
            let bytes = fetched.inspect_err(|trouble| (self.noted)(trouble))?;
            self.here = Some((piece, bytes));
            return Ok(());
        }
    }
}

impl Fetch for Fetching {
    fn next(&mut self) -> Option<io::Result<Box<dyn Read + '_>>> {
        let of = self.next;
        if of >= self.count {
            return None;
        }
        self.next += 1;
        // Whoever reads it should know at once if it cannot be read at all.
        if let Err(trouble) = self.piece(of) {
            return Some(Err(trouble.into_error()));
        }
        Some(Ok(Box::new(Reading { fetching: self, of, failed: false })))
    }
}

impl Drop for Fetching {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// One object, read.
struct Reading<'f> {
    fetching: &'f mut Fetching,
    of: usize,
    failed: bool,
}

impl Read for Reading<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.failed {
            return Err(io::Error::other("the object could not be read to its end"));
        }
        loop {
            let Some((piece, left)) = &mut self.fetching.here else { return Err(io::Error::other("the object is not at hand")) };
            if buf.is_empty() || !left.is_empty() {
                let n = left.len().min(buf.len());
                left.copy_to_slice(buf.get_mut(..n).unwrap_or_default());
                return Ok(n);
            }
            if piece.is_last {
                return Ok(0);
            }
            if let Err(trouble) = self.fetching.piece(self.of) {
                self.failed = true;
                return Err(trouble.into_error());
            }
        }
    }
}

/// Begins to fetch pieces, in order, as far ahead as there is room.
async fn drive(client: Arc<Client>, objects: Vec<Object>, send: mpsc::Sender<Piece>) {
    let (requests, kibs) = (Arc::new(Semaphore::new(REQUESTS)), Arc::new(Semaphore::new(KIBS as usize)));
    for (of, object) in objects.into_iter().enumerate() {
        let object = Arc::new(object);
        let unwanted = Arc::new(AtomicBool::new(false));
        for n in 0..pieces(object.bytes) {
            let (from, to) = (n * PIECE, (n + 1).saturating_mul(PIECE).min(object.bytes));
            let kib = u32::try_from((to - from).div_ceil(1 << 10)).unwrap_or(KIBS).clamp(1, KIBS);
            let (Ok(request), Ok(room)) = (Arc::clone(&requests).acquire_owned().await, Arc::clone(&kibs).acquire_many_owned(kib).await)
            else {
                return;
            };
            if unwanted.load(Ordering::Relaxed) {
                break;
            }
            let (client, object) = (Arc::clone(&client), Arc::clone(&object));
            let is_last = to == object.bytes;
            let bytes = tokio::spawn(async move { fetch(&client, &object, from, to).await });
            if send.send(Piece { of, is_last, bytes, _room: [request, room], unwanted: Arc::clone(&unwanted) }).await.is_err() {
                return;
            }
        }
    }
}

/// How many pieces an object has; an empty one is asked for too, so that a refusal shows.
fn pieces(bytes: u64) -> u64 {
    bytes.div_ceil(PIECE).max(1)
}

/// The bytes of an object from one place up to another.
async fn fetch(client: &Client, object: &Object, from: u64, to: u64) -> Result<Bytes, Trouble> {
    let Place { bucket, key } = Place::parse(&object.place).map_err(|why| Trouble::new(Kind::Setup, why.en))?;
    let is_whole = to - from == object.bytes;
    let mut headers = Vec::new();
    if !is_whole {
        headers.push((RANGE, format!("bytes={from}-{}", to.saturating_sub(1))));
    }
    if let Some(tag) = &object.tag {
        headers.push((IF_MATCH, tag.clone()));
    }
    let most = usize::try_from(to - from).unwrap_or(usize::MAX);
    let ask = Ask { method: Method::GET, bucket, key, query: "", headers, most };
    let changed = |why: String| Trouble::new(Kind::Changed, why);
    let answer = client.ask(&ask).await?;
    if !is_whole {
        // The whole size stands behind the slash.
        let range = answer.headers.get(CONTENT_RANGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let said = range.strip_prefix("bytes ").and_then(|range| range.split_once('/'));
        match said.map(|(part, size)| (part == format!("{from}-{}", to - 1), size.parse() == Ok(object.bytes))) {
            Some((true, true)) => {}
            Some((true, false)) => return Err(changed(format!("it has another size: {range}"))),
            _ => return Err(Trouble::new(Kind::Answer, format!("bytes {from}-{} were asked for, '{range}' came", to - 1))),
        }
    }
    if answer.body.len() as u64 == to - from {
        Ok(answer.body)
    } else {
        Err(changed(format!("{} bytes were listed, {} came", to - from, answer.body.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_objects() {
        assert_eq!([0, 1, PIECE, PIECE + 1, 3 * PIECE].map(pieces), [1, 1, 1, 2, 3]);
        assert!(PIECE >> 10 <= u64::from(KIBS));
    }
}
