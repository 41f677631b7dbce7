//! Evidence that lies in an object store: what the lake needs of one, which is to list and to read. Nothing here can write.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use abate_model::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a path that means objects begins with. A file of such a name is given as `./s3:…`.
pub const SCHEME: &str = "s3://";

/// The place that a path names in an object store, `s3://bucket/prefix/`; `None` for a path of this machine.
#[must_use]
pub fn object_place(path: &Path) -> Option<&str> {
    path.to_str().filter(|place| place.starts_with(SCHEME))
}

/// An object, as a listing named it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// `s3://bucket/key`, the key as it is
    pub place: String,
    /// its size
    pub bytes: u64,
    /// the store's tag of this content (ETag): another tag, another content
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// when it was written
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Timestamp>,
}

/// An object store.
pub trait Objects: Sync {
    /// Hands over the objects at a place, page by page: the object of exactly this name, else all below it.
    ///
    /// # Errors
    /// Why the listing is not complete, with what to do. What was handed over until then is there.
    fn list(&self, place: &str, page: &mut dyn FnMut(Vec<Object>)) -> Result<(), String>;
    /// Opens objects in order; those that come next may be fetched already while one is read.
    fn fetch(&self, objects: Vec<Object>) -> Box<dyn Fetch + '_>;
    /// What its owner noted of an object (`x-amz-meta-…`), by name in small letters.
    ///
    /// # Errors
    /// Why it cannot be asked.
    fn metadata(&self, place: &str) -> Result<BTreeMap<String, String>, String>;
    /// What to do about what was refused so far, each advice once.
    fn advice(&self) -> Vec<Text>;
}

/// Objects on their way.
pub trait Fetch {
    /// The next object; `None` after the last. It is the content that was listed, or an error: never another content, and never a part
    /// of it that looks like the whole.
    fn next(&mut self) -> Option<io::Result<Box<dyn Read + '_>>>;
}

/// No object store: for a build without one.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObjects;

impl NoObjects {
    /// What is missing.
    pub const WHY: &str = "this abate was built without S3";
    /// What to do about it.
    #[must_use]
    pub fn hint() -> Text {
        Text::fixed(
            "take a build with the feature 's3' (the default), or copy the objects to a folder ('aws s3 cp --recursive') and name that",
            "機能「s3」を含む標準のビルドを使用するか、オブジェクトをフォルダーに複製し（「aws s3 cp --recursive」）、そのフォルダーを指定してください",
        )
    }
}

impl Objects for NoObjects {
    fn list(&self, _place: &str, _page: &mut dyn FnMut(Vec<Object>)) -> Result<(), String> {
        Err(format!("{}: {}", Self::WHY, Self::hint().en))
    }

    fn fetch(&self, objects: Vec<Object>) -> Box<dyn Fetch + '_> {
        Box::new(Nothing(objects.len()))
    }

    fn metadata(&self, _place: &str) -> Result<BTreeMap<String, String>, String> {
        Err(Self::WHY.to_owned())
    }

    fn advice(&self) -> Vec<Text> {
        Vec::new()
    }
}

/// So many objects that cannot be fetched.
struct Nothing(usize);

impl Fetch for Nothing {
    fn next(&mut self) -> Option<io::Result<Box<dyn Read + '_>>> {
        self.0 = self.0.checked_sub(1)?;
        Some(Err(io::Error::new(io::ErrorKind::Unsupported, NoObjects::WHY)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_paths() {
        assert_eq!(object_place(Path::new("s3://logs/AWSLogs/")), Some("s3://logs/AWSLogs/"));
        assert!(["./s3://logs/", "S3/x", "logs/s3://x", "s3:/x"].iter().all(|path| object_place(Path::new(path)).is_none()));
    }

    #[test]
    fn without_a_store_every_object_is_refused() {
        let object = Object { place: "s3://logs/a".to_owned(), bytes: 1, tag: None, modified: None };
        let mut fetch = NoObjects.fetch(vec![object.clone(), object]);
        assert!(fetch.next().is_some_and(|o| o.is_err()) && fetch.next().is_some_and(|o| o.is_err()) && fetch.next().is_none());
        assert!(NoObjects.list("s3://logs/", &mut |_| {}).unwrap_err().contains("'s3'"));
    }
}
