//! Reads evidence out of S3, or of whatever speaks its language: lists keys and fetches objects. It can do nothing else; the permissions it
//! needs are `s3:ListBucket` and `s3:GetObject`.
//!
//! Credentials and signatures are the `object_store` crate's. Listings and reads are made here, since that crate's paths cannot name every
//! key that a bucket may hold, and one such key would cost the whole page of a listing.
//!
//! What is absent on purpose: everything that writes; a cache of objects (the lake keeps what was read of them).

mod answers;
mod client;
mod fetching;
mod machine;
mod place;
mod profile;
mod setup;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use abate_app::ports::{Fetch, Object, Objects};
use abate_model::Text;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::Method;
use reqwest::header::{CONTENT_LENGTH, ETAG, HeaderName, HeaderValue, LAST_MODIFIED};
use tokio::runtime::Runtime;

use crate::client::{Answer, Ask, Client};
use crate::fetching::{Fetching, Noted};
use crate::place::{Place, in_query};
use crate::setup::Setup;
use crate::trouble::{Kind, Trouble};

/// Bytes of a page of a listing, at the most: a thousand keys of 1024 bytes, three letters for each, and what stands around them.
const MOST_OF_PAGE: usize = 16 << 20;
/// Threads that talk to the network; the work is done by those who read.
const THREADS: usize = 2;

/// Looks up a variable of an environment.
type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// S3 as the environment says: credentials, Region, endpoint. Nothing is looked up before the first place is asked for.
pub struct S3 {
    environment: Box<Environment>,
    open: OnceLock<Result<Open, Trouble>>,
    met: Arc<Mutex<BTreeSet<Kind>>>,
}

struct Open {
    runtime: Runtime,
    client: Arc<Client>,
}

impl Default for S3 {
    /// For the environment of this process.
    fn default() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").finish_non_exhaustive()
    }
}

/// Whether a place can be asked for at all, else why not.
///
/// # Errors
/// What is wrong with it.
pub fn check(place: &str) -> Result<(), Text> {
    Place::parse(place).map(|_| ())
}

impl S3 {
    /// For an environment, given as the way to look up a variable.
    #[must_use]
    pub fn new(environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { environment: Box::new(environment), open: OnceLock::new(), met: Arc::default() }
    }

    fn open(&self) -> Result<&Open, Trouble> {
        let open = || {
            let setup = Setup::read(&*self.environment)?;
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().thread_name("s3").build();
            let runtime = runtime.map_err(|e| Trouble::new(Kind::Setup, e.to_string()))?;
            // Some parts want to be made where they will run.
            let client = runtime.block_on(async { Client::new(setup) })?;
            Ok(Open { runtime, client: Arc::new(client) })
        };
        self.open.get_or_init(open).as_ref().map_err(Clone::clone)
    }

    fn note(&self, trouble: &Trouble) {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).insert(trouble.kind);
    }

    fn list_place(&self, place: &str, page: &mut dyn FnMut(Vec<Object>)) -> Result<(), Trouble> {
        let at = Place::parse(place).map_err(|why| Trouble::new(Kind::Setup, why.en))?;
        let Open { runtime, client } = self.open()?;
        runtime.block_on(async {
            if at.key.is_empty() || at.key.ends_with('/') {
                return list_below(client, at.bucket, at.key, page).await;
            }
            match named(client, at).await {
                Ok(Some(object)) => {
                    page(vec![object]);
                    Ok(())
                }
                Ok(None) => list_below(client, at.bucket, &format!("{}/", at.key), page).await,
                // Who may not list may still read.
                Err(trouble) if trouble.kind == Kind::ListDenied => match head(client, place, at).await {
                    Ok(object) => {
                        page(vec![object]);
                        Ok(())
                    }
                    Err(_) => Err(trouble),
                },
                Err(trouble) => Err(trouble),
            }
        })
    }

    fn metadata_of(&self, place: &str) -> Result<BTreeMap<String, String>, Trouble> {
        let at = Place::parse(place).map_err(|why| Trouble::new(Kind::Setup, why.en))?;
        let Open { runtime, client } = self.open()?;
        let answer = runtime.block_on(headers(client, at))?;
        let noted = |(name, value): (&HeaderName, &HeaderValue)| {
            let name = name.as_str().strip_prefix("x-amz-meta-")?;
            Some((name.to_owned(), value.to_str().ok()?.to_owned()))
        };
        Ok(answer.headers.iter().filter_map(noted).collect())
    }
}

impl Objects for S3 {
    fn list(&self, place: &str, page: &mut dyn FnMut(Vec<Object>)) -> Result<(), String> {
        self.list_place(place, page).map_err(|trouble| {
            self.note(&trouble);
            trouble.reason()
        })
    }

    fn metadata(&self, place: &str) -> Result<BTreeMap<String, String>, String> {
        self.metadata_of(place).map_err(|trouble| {
            self.note(&trouble);
            trouble.reason()
        })
    }

    fn fetch(&self, objects: Vec<Object>) -> Box<dyn Fetch + '_> {
        match self.open() {
            Err(trouble) => {
                self.note(&trouble);
                Box::new(Refused { left: objects.len(), trouble })
            }
            Ok(Open { runtime, client }) => {
                let met = Arc::clone(&self.met);
                let noted: Noted = Arc::new(move |trouble: &Trouble| {
                    met.lock().unwrap_or_else(PoisonError::into_inner).insert(trouble.kind);
                });
                Box::new(Fetching::start(runtime.handle(), Arc::clone(client), objects, noted))
            }
        }
    }

    fn advice(&self) -> Vec<Text> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(|kind| kind.advice()).collect()
    }
}

/// Objects of which none can be had.
struct Refused {
    left: usize,
    trouble: Trouble,
}

impl Fetch for Refused {
    fn next(&mut self) -> Option<io::Result<Box<dyn Read + '_>>> {
        self.left = self.left.checked_sub(1)?;
        Some(Err(self.trouble.clone().into_error()))
    }
}

/// All keys that begin so, page by page.
async fn list_below(client: &Client, bucket: &str, prefix: &str, page: &mut dyn FnMut(Vec<Object>)) -> Result<(), Trouble> {
    let mut token: Option<String> = None;
    loop {
        let (objects, next) = list_page(client, bucket, prefix, token.as_deref(), "").await?;
        page(objects);
        match next {
            None => return Ok(()),
            same if same == token => return Err(Trouble::new(Kind::Answer, "the listing goes round in circles")),
            next => token = next,
        }
    }
}

async fn list_page(
    client: &Client,
    bucket: &str,
    prefix: &str,
    token: Option<&str>,
    more: &str,
) -> Result<(Vec<Object>, Option<String>), Trouble> {
    let token = token.map(|token| format!("continuation-token={}&", in_query(token))).unwrap_or_default();
    let query = format!("{token}encoding-type=url&list-type=2{more}&prefix={}", in_query(prefix));
    let ask = Ask { method: Method::GET, bucket, key: "", query: &query, headers: Vec::new(), most: MOST_OF_PAGE };
    answers::page(&client.ask(&ask).await?.body, bucket)
}

/// The object of exactly this key: of all keys that begin so it comes first.
async fn named(client: &Client, at: Place<'_>) -> Result<Option<Object>, Trouble> {
    let (objects, _) = list_page(client, at.bucket, at.key, None, "&max-keys=1").await?;
    Ok(objects.into_iter().find(|object| Place::parse(&object.place).is_ok_and(|found| found == at)))
}

/// What S3 says of an object without handing it out.
async fn headers(client: &Client, at: Place<'_>) -> Result<Answer, Trouble> {
    client.ask(&Ask { method: Method::HEAD, bucket: at.bucket, key: at.key, query: "", headers: Vec::new(), most: 0 }).await
}

/// The same without a listing.
async fn head(client: &Client, place: &str, at: Place<'_>) -> Result<Object, Trouble> {
    let answer = headers(client, at).await?;
    let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok());
    let bytes = header(CONTENT_LENGTH).and_then(|n| n.parse().ok());
    let bytes = bytes.ok_or_else(|| Trouble::new(Kind::Answer, format!("HTTP status {} without a size", answer.status.as_u16())))?;
    let modified = header(LAST_MODIFIED).and_then(|at| DateTimeParser::new().parse_timestamp(at).ok());
    Ok(Object { place: place.to_owned(), bytes, tag: header(ETAG).map(str::to_owned), modified })
}
