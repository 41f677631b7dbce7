//! Evidence in S3: the store that a build has, or the words for one that has none.

use std::io::Write;
use std::path::PathBuf;

use abate_app::ports::{Objects, object_place};
use abate_model::{Lang, Text};
use anyhow::anyhow;

use crate::Failure;

/// The object store of this build.
#[cfg(feature = "s3")]
pub type Store = abate_s3::S3;
/// The object store of this build.
#[cfg(not(feature = "s3"))]
pub type Store = abate_app::ports::NoObjects;

/// Refuses places that were typed now and cannot be asked for. That of an earlier run stays, and is listed as lost.
pub fn check(paths: &[PathBuf], lang: Lang) -> Result<(), Failure> {
    match paths.iter().filter_map(|path| object_place(path)).find_map(|place| Some((place, refused(place)?))) {
        None => Ok(()),
        Some((place, (why, hint))) => Err(Failure::input(anyhow!("{place} cannot be read: {why}"), Some(hint.get(lang).to_owned()))),
    }
}

#[cfg(feature = "s3")]
fn refused(place: &str) -> Option<(&'static str, Text)> {
    abate_s3::check(place).err().map(|hint| ("it names no bucket", hint))
}

#[cfg(not(feature = "s3"))]
fn refused(_place: &str) -> Option<(&'static str, Text)> {
    use abate_app::ports::NoObjects;
    Some((NoObjects::WHY, NoObjects::hint()))
}

/// Says what to do about what the store refused.
pub fn advise(objects: &dyn Objects, lang: Lang) -> Result<(), Failure> {
    let mut err = anstream::stderr();
    for advice in objects.advice() {
        writeln!(err, "S3: {}", advice.get(lang))?;
    }
    Ok(())
}
