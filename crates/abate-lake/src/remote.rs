//! Objects of a store as evidence: how they are found, what stands for them when the store does not answer, and how they are opened.
//!
//! An object is named by its place (`s3://bucket/key`), so that a person sees where it came from and no two have one name. What it is
//! recognised by in a later run is its place, size and tag, so that nothing is fetched only to be hashed.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::PathBuf;

use abate_app::ports::{Fetch, Object, Objects};
use abate_model::LossKind;

use crate::earlier::Earlier;
use crate::read::open;
use crate::walk::{Found, Kind};

/// Where objects are looked for.
pub(crate) struct Remote<'a> {
    pub objects: &'a dyn Objects,
    /// what the lake has of a place already, and of all below it
    pub earlier: &'a dyn Fn(&str) -> Vec<Earlier>,
    /// told how many objects of a place were listed so far
    pub told: &'a mut dyn FnMut(u64, &str),
}

/// The objects at a place, in the order in which a folder with the same names would be walked. What was read of the place in earlier runs and
/// is not listed now stands in: it is gone, or the listing failed.
pub(crate) fn find(place: &str, remote: &mut Remote<'_>) -> Vec<Found> {
    let (mut objects, told): (Vec<Object>, _) = (Vec::new(), &mut remote.told);
    let failed = remote.objects.list(place, &mut |page| {
        objects.extend(page);
        told(objects.len() as u64, place);
    });
    let listed = objects.len();
    // As paths do: what is below `a` before `a.log`.
    objects.sort_by(|a, b| a.place.split('/').cmp(b.place.split('/')));
    objects.dedup_by(|a, b| a.place == b.place);
    let here: HashSet<&str> = objects.iter().map(|object| object.place.as_str()).collect();
    let missing: Vec<Earlier> = (remote.earlier)(place).into_iter().filter(|file| !here.contains(file.place.as_str())).collect();
    let filled = |n: usize, marker: &str| {
        let next = objects.get(n + 1).is_some_and(|next| next.place.starts_with(marker));
        next || missing.iter().any(|file| file.place.starts_with(marker))
    };
    let of_object = |(n, object): (usize, &Object)| Found::object(object.clone(), &|| filled(n, &object.place));
    let mut found: Vec<Found> = objects.iter().enumerate().map(of_object).collect();
    found.extend(missing.into_iter().map(|file| {
        let (name, path, bytes) = (file.place.clone(), PathBuf::from(&file.place), file.bytes);
        Found { name, path, bytes, kind: file.kind(failed.is_ok()) }
    }));
    let (count, kept) = (found.len(), found.iter().filter(|f| matches!(f.kind, Kind::Kept { .. })).count());
    found.sort_by(|a, b| a.name.split('/').cmp(b.name.split('/')));
    let refused = match failed {
        Ok(()) if count == 0 => Some((LossKind::Empty, "there is no object of this name, and none below it".to_owned())),
        Ok(()) => None,
        Err(why) => {
            let some = if listed > 0 { format!(" to its end (it names {listed})") } else { String::new() };
            let kept = match kept {
                0 => String::new(),
                n => format!("; {} taken as read in an earlier run", abate_model::text::count(n as u64, "object")),
            };
            Some((LossKind::Unreadable, format!("it cannot be listed{some}: {why}{kept}")))
        }
    };
    let none = |(kind, why)| Found { name: place.to_owned(), path: PathBuf::from(place), bytes: 0, kind: Kind::Refused(kind, why) };
    found.extend(refused.map(none));
    found
}

impl Found {
    /// `filled` tells whether there is something below it too.
    fn object(object: Object, filled: &dyn Fn() -> bool) -> Self {
        let is_marker = object.bytes == 0 && object.place.ends_with('/');
        let (name, path, bytes) = (object.place.clone(), PathBuf::from(&object.place), object.bytes);
        let kind = if !is_marker {
            Kind::Object(object)
        } else if filled() {
            Kind::Link("a marker of a folder, without content; what is in the folder is read in its own place".to_owned())
        } else {
            Kind::Refused(LossKind::Empty, "a marker of a folder in which there is nothing".to_owned())
        };
        Self { name, path, bytes, kind }
    }
}

/// Whether an object is the one at a place, or below it.
pub(crate) fn is_at(object: &str, place: &str) -> bool {
    let rest = object.strip_prefix(place);
    rest.is_some_and(|rest| rest.is_empty() || place.ends_with('/') || rest.starts_with('/'))
}

/// Opens files one after the other; objects among them are fetched ahead.
pub(crate) struct Opener<'o> {
    fetch: Option<Box<dyn Fetch + 'o>>,
}

impl<'o> Opener<'o> {
    /// For files that will be opened in this order.
    pub fn new<'f>(files: impl Iterator<Item = &'f Found>, objects: &'o dyn Objects) -> Self {
        let wanted: Vec<Object> = files
            .filter_map(|file| match &file.kind {
                Kind::Object(object) => Some(object.clone()),
                _ => None,
            })
            .collect();
        Self { fetch: (!wanted.is_empty()).then(|| objects.fetch(wanted)) }
    }

    /// The next file.
    pub fn open(&mut self, file: &Found) -> io::Result<Box<dyn Read + '_>> {
        if !matches!(file.kind, Kind::Object(_)) {
            return open(file);
        }
        let next = self.fetch.as_mut().and_then(|fetch| fetch.next());
        next.unwrap_or_else(|| Err(io::Error::other("the object was not fetched: please report it as a bug")))
    }
}
