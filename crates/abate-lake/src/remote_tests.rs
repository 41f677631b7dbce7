//! Objects as evidence, over a store in memory that can refuse, lose and change what it has.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use abate_app::ports::{Fetch, NoObjects, NoProgress, Object, Objects, Progress};
use abate_model::{Evidence, LossKind, Source, Text};
use jiff::{Timestamp, tz::TimeZone};

use super::tests::{all, trail, write};
use super::*;

/// Keys with their contents and tags.
#[derive(Default)]
struct Shelf {
    objects: BTreeMap<String, (Vec<u8>, String)>,
    /// listings end with an error after so many objects
    lists: Option<usize>,
    /// gone, although they are listed
    gone: Vec<String>,
    listed: Vec<String>,
    fetched: Vec<String>,
}

#[derive(Default)]
struct Memory(Mutex<Shelf>);

impl Memory {
    fn of(objects: &[(&str, &str)]) -> Self {
        let memory = Self::default();
        objects.iter().for_each(|(key, content)| memory.put(key, content, content));
        memory
    }

    fn put(&self, key: &str, content: &str, tag: &str) {
        let what = (content.as_bytes().to_vec(), tag.to_owned());
        self.0.lock().unwrap().objects.insert(format!("s3://logs/{key}"), what);
    }

    /// What was fetched since this was asked last.
    fn fetched(&self) -> Vec<String> {
        let mut fetched = std::mem::take(&mut self.0.lock().unwrap().fetched);
        fetched.sort();
        fetched
    }
}

impl Objects for Memory {
    fn list(&self, place: &str, page: &mut dyn FnMut(Vec<Object>)) -> Result<(), String> {
        let mut shelf = self.0.lock().unwrap();
        shelf.listed.push(place.to_owned());
        let exact = shelf.objects.contains_key(place) && !place.ends_with('/');
        let below = format!("{}/", place.trim_end_matches('/'));
        let keys = shelf.objects.iter().filter(|(key, _)| if exact { *key == place } else { key.starts_with(&below) });
        let object = |(key, (content, tag)): (&String, &(Vec<u8>, String))| Object {
            place: key.clone(),
            bytes: content.len() as u64,
            tag: Some(tag.clone()).filter(|tag| !tag.is_empty()),
            modified: None,
        };
        let most = shelf.lists.unwrap_or(usize::MAX);
        keys.take(most).for_each(|entry| page(vec![object(entry)]));
        if shelf.lists.is_some() { Err("access denied".to_owned()) } else { Ok(()) }
    }

    fn fetch(&self, objects: Vec<Object>) -> Box<dyn Fetch + '_> {
        Box::new(Hands { memory: self, objects: objects.into_iter() })
    }

    fn metadata(&self, _place: &str) -> Result<BTreeMap<String, String>, String> {
        Ok(BTreeMap::new())
    }

    fn advice(&self) -> Vec<Text> {
        Vec::new()
    }
}

struct Hands<'m> {
    memory: &'m Memory,
    objects: std::vec::IntoIter<Object>,
}

impl Fetch for Hands<'_> {
    fn next(&mut self) -> Option<io::Result<Box<dyn Read + '_>>> {
        let object = self.objects.next()?;
        let mut shelf = self.memory.0.lock().unwrap();
        if shelf.gone.contains(&object.place) {
            return Some(Err(io::Error::other("the object is gone")));
        }
        shelf.fetched.push(object.place.clone());
        let content = shelf.objects.get(&object.place).map(|(content, _)| content.clone()).unwrap_or_default();
        Some(Ok(Box::new(io::Cursor::new(content))))
    }
}

fn request<'a>(paths: &'a [PathBuf], lake: Option<&'a Path>) -> IngestRequest<'a> {
    let reference = Timestamp::from_second(1_793_000_000).unwrap();
    IngestRequest { paths, reference, zone: TimeZone::UTC, rules: None, any_rules: false, lake, preserve: None, forget_gone: false }
}

fn read(memory: &dyn Objects, places: &[&str], lake: Option<&Path>) -> Stored {
    let paths: Vec<PathBuf> = places.iter().map(PathBuf::from).collect();
    let tuning = Tuning { threads: 2, durable: false, ..Tuning::default() };
    ingest(&request(&paths, lake), memory, &tuning, &mut NoProgress).unwrap()
}

fn events(stored: &Stored) -> Vec<String> {
    let ids = all(stored).into_iter().filter_map(|row| match row.body {
        abate_model::Body::Api(api) => api.event_id.map(|id| id.into_owned()),
        _ => None,
    });
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids
}

fn source<'s>(stored: &'s Stored, path: &str) -> &'s Source {
    stored.sources().iter().find(|s| s.path == path).unwrap_or_else(|| panic!("{path} among {:?}", stored.sources()))
}

#[test]
fn objects_are_read_as_a_folder_of_the_same_names_is() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two, three, four) = (trail(&["e-1"]), trail(&["e-2"]), trail(&["e-1", "e-3"]), "what is this?".to_owned());
    let files = [("case/a.json", &one), ("case/a/b.json", &two), ("case/a/z.json", &three), ("case/a b%20.txt", &four)];
    files.iter().for_each(|(name, content)| write(dir.path(), name, content));
    let memory = Memory::of(&files.map(|(name, content)| (name, content.as_str())));
    let tuning = Tuning { threads: 2, durable: false, ..Tuning::default() };
    let folder = ingest(&request(&[dir.path().join("case")], None), &NoObjects, &tuning, &mut NoProgress).unwrap();
    let store = read(&memory, &["s3://logs/case/"], None);
    let local = |mut source: Source| {
        source.path = source.path.replace("s3://logs/", "");
        source
    };
    assert_eq!(store.sources().iter().cloned().map(local).collect::<Vec<_>>(), folder.sources());
    assert_eq!(store.coverage(), folder.coverage());
    assert_eq!(all(&store), all(&folder));
    assert_eq!(events(&store), ["e-1", "e-2", "e-3"]);
    assert_eq!(source(&store, "s3://logs/case/a/z.json").duplicates + source(&store, "s3://logs/case/a.json").duplicates, 1);
}

#[test]
fn what_has_the_same_tag_is_not_fetched_again() {
    let lake = tempfile::tempdir().unwrap();
    let memory = Memory::of(&[("x/a", &trail(&["e-1"])), ("x/b", &trail(&["e-2"])), ("y/c", &trail(&["e-3"]))]);
    memory.put("x/untagged", &trail(&["e-4"]), "");
    let places = ["s3://logs/x/", "s3://logs/y/c"];
    let first = read(&memory, &places, Some(lake.path()));
    assert_eq!(memory.fetched().len(), 4);
    let again = read(&memory, &places, Some(lake.path()));
    assert_eq!(memory.fetched(), ["s3://logs/x/untagged"], "nothing shows that it is the same");
    assert_eq!((again.sources(), again.coverage(), all(&again)), (first.sources(), first.coverage(), all(&first)));
    memory.put("x/b", &trail(&["e-5"]), "of the same size");
    assert_eq!(events(&read(&memory, &places, Some(lake.path()))), ["e-1", "e-3", "e-4", "e-5"]);
    assert!(memory.fetched().contains(&"s3://logs/x/b".to_owned()));
}

#[test]
fn what_cannot_be_listed_now_is_taken_as_it_was_read() {
    let lake = tempfile::tempdir().unwrap();
    let memory = Memory::of(&[
        ("x/a", &trail(&["e-1"])),
        ("x/b/", ""),
        ("x/b/c", &trail(&["e-2"])),
        ("x/d", &trail(&["e-3"])),
        ("xy", &trail(&["e-4"])),
    ]);
    let first = read(&memory, &["s3://logs/x/"], Some(lake.path()));
    assert_eq!(events(&first), ["e-1", "e-2", "e-3"]);
    memory.fetched();
    for listed in [0, 1, 2] {
        memory.0.lock().unwrap().lists = Some(listed);
        let now = read(&memory, &["s3://logs/x/"], Some(lake.path()));
        assert_eq!(events(&now), ["e-1", "e-2", "e-3"], "{listed} are listed");
        let loss = &source(&now, "s3://logs/x/").losses[0];
        assert!(
            loss.kind == LossKind::Unreadable && loss.reason.contains("access denied") && loss.reason.contains("earlier run"),
            "{loss:?}"
        );
        assert!(loss.reason.contains("to its end") == (listed > 0), "{loss:?}");
        assert_eq!(now.sources().iter().filter(|s| s.lost() > 0).count(), 1);
    }
    assert_eq!(memory.fetched(), [""; 0]);
    // Without a lake there is nothing to take.
    let bare = read(&memory, &["s3://logs/x/"], None);
    assert!(events(&bare).len() < 3 && source(&bare, "s3://logs/x/").lost() == 1);
    // Of a build without S3, the same holds.
    let small = read(&NoObjects, &["s3://logs/x/"], Some(lake.path()));
    assert_eq!(events(&small), ["e-1", "e-2", "e-3"]);
    assert!(source(&small, "s3://logs/x/").losses[0].reason.contains("without S3"));
}

#[test]
fn what_is_not_listed_any_more_keeps_its_rows_and_is_said_to_be_gone() {
    let lake = tempfile::tempdir().unwrap();
    let memory = Memory::of(&[("x/a", &trail(&["e-1"])), ("x/b/", ""), ("x/b/c", &trail(&["e-2"]))]);
    let first = read(&memory, &["s3://logs/x/"], Some(lake.path()));
    memory.0.lock().unwrap().objects.remove("s3://logs/x/b/c");
    let now = read(&memory, &["s3://logs/x/"], Some(lake.path()));
    assert_eq!((events(&now), now.coverage()), (events(&first), first.coverage()));
    assert!(source(&now, "s3://logs/x/b/c").gone && !source(&now, "s3://logs/x/a").gone);
    assert!(now.sources().iter().all(|s| s.lost() == 0), "{:?}", now.sources());
    let paths = [PathBuf::from("s3://logs/x/")];
    let tuning = Tuning { threads: 1, durable: false, ..Tuning::default() };
    let forget = IngestRequest { forget_gone: true, ..request(&paths, Some(lake.path())) };
    assert_eq!(events(&ingest(&forget, &memory, &tuning, &mut NoProgress).unwrap()), ["e-1"]);
    assert_eq!(events(&read(&memory, &["s3://logs/x/"], Some(lake.path()))), ["e-1"]);
}

#[test]
fn what_is_gone_or_cut_is_a_loss_of_its_own_and_read_again_later() {
    let lake = tempfile::tempdir().unwrap();
    let memory = Memory::of(&[("x/a", &trail(&["e-1"])), ("x/b", &trail(&["e-2"])), ("x/c", &trail(&["e-3"]))]);
    memory.0.lock().unwrap().gone.push("s3://logs/x/b".to_owned());
    let found = read(&memory, &["s3://logs/x/"], Some(lake.path()));
    assert_eq!(events(&found), ["e-1", "e-3"]);
    let lost = source(&found, "s3://logs/x/b");
    assert_eq!((lost.lost(), lost.losses[0].bytes), (1, trail(&["e-2"]).len() as u64));
    assert!(lost.losses[0].reason.contains("is gone"));
    memory.0.lock().unwrap().gone.clear();
    memory.fetched();
    assert_eq!(events(&read(&memory, &["s3://logs/x/"], Some(lake.path()))), ["e-1", "e-2", "e-3"]);
    assert!(memory.fetched().contains(&"s3://logs/x/b".to_owned()));
}

#[test]
fn markers_of_folders_and_places_that_overlap() {
    let memory = Memory::of(&[("x/", ""), ("x/a", &trail(&["e-1"])), ("x/empty/", ""), ("x/full/", ""), ("x/full/b", &trail(&["e-2"]))]);
    let found = read(&memory, &["s3://logs/x/", "s3://logs/x/full/", "s3://logs/x/a", "s3://logs/x", "s3://logs/none/"], None);
    assert_eq!(events(&found), ["e-1", "e-2"]);
    let lost: Vec<_> = found.sources().iter().filter(|s| s.lost() > 0).map(|s| (s.path.as_str(), s.losses[0].kind)).collect();
    assert_eq!(lost, [("s3://logs/x/empty/", LossKind::Empty), ("s3://logs/none/", LossKind::Empty)]);
    assert!(source(&found, "s3://logs/x/full/").recognised_by.contains("marker"));
    assert!(source(&found, "s3://logs/x/full/ (2)").recognised_by.contains("below s3://logs/x/"));
    assert_eq!(memory.fetched(), ["s3://logs/x/a", "s3://logs/x/full/b"], "each once");
    assert_eq!(memory.0.lock().unwrap().listed, ["s3://logs/x/", "s3://logs/x", "s3://logs/none/"]);
}

#[test]
fn records_and_copies_come_from_the_store() {
    let (lake, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let memory = Memory::of(&[("x/a.json", &trail(&["e-1"])), ("x/b.json", &trail(&["e-2"]))]);
    let paths = [PathBuf::from("s3://logs/x/")];
    let tuning = Tuning { threads: 1, durable: false, ..Tuning::default() };
    let request = IngestRequest { preserve: Some(copies.path()), ..request(&paths, Some(lake.path())) };
    let stored = ingest(&request, &memory, &tuning, &mut NoProgress).unwrap();
    assert_eq!(memory.fetched(), ["s3://logs/x/a.json", "s3://logs/x/b.json"], "read and copied in one");
    let mut left: Vec<_> = std::fs::read_dir(copies.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left.iter().filter(|name| name.len() != 2).collect::<Vec<_>>(), ["originals.json"], "nothing else is left there");
    let list = std::fs::read_to_string(copies.path().join("originals.json")).unwrap();
    assert!(list.contains("\"path\": \"s3://logs/x/a.json\""), "{list}");
    let row =
        all(&stored).into_iter().find(|row| matches!(&row.body, abate_model::Body::Api(api) if api.event_id.as_deref() == Some("e-2")));
    let cite = stored.cite(&row.unwrap());
    memory.0.lock().unwrap().listed.clear();
    let (reference, zone) = (request.reference, &TimeZone::UTC);
    let look = Look { paths: &paths, objects: &memory, reference, zone, sha256: None, copies: None };
    let raw = crate::raw(&look, &cite).unwrap();
    assert!(String::from_utf8_lossy(&raw).contains("e-2"));
    assert_eq!(memory.0.lock().unwrap().listed, ["s3://logs/x/b.json"], "one object is not looked for among all");
    memory.fetched();
    ingest(&request, &memory, &tuning, &mut NoProgress).unwrap();
    assert_eq!(memory.fetched(), [""; 0], "nor copied again");
    // What the lake has, but no copy of, is fetched for the copy.
    let more = tempfile::tempdir().unwrap();
    ingest(&IngestRequest { preserve: Some(more.path()), ..request }, &memory, &tuning, &mut NoProgress).unwrap();
    assert_eq!(memory.fetched().len(), 2);
}

#[test]
fn what_is_at_a_place() {
    let at = |place| ["s3://b/x", "s3://b/x/y", "s3://b/xy"].map(|object| crate::remote::is_at(object, place));
    assert_eq!(at("s3://b/x"), [true, true, false]);
    assert_eq!(at("s3://b/x/"), [false, true, false]);
    assert_eq!((at("s3://b"), at("s3://b/"), at("s3://")), ([true; 3], [true; 3], [true; 3]));
}

#[test]
fn progress_hears_of_the_listing() {
    #[derive(Default)]
    struct Heard(u64, u64);
    impl Progress for Heard {
        fn listed(&mut self, objects: u64, place: &str) {
            assert_eq!(place, "s3://logs/x/");
            self.0 = objects;
        }
        fn begin(&mut self, total_bytes: u64, _files: u64) {
            self.1 = total_bytes;
        }
        fn advance(&mut self, bytes: u64, _what: &str) {
            self.1 -= bytes;
        }
        fn end(&mut self) {}
    }
    let memory = Memory::of(&[("x/a", &trail(&["e-1"])), ("x/b", &trail(&["e-2"]))]);
    let mut heard = Heard::default();
    ingest(&request(&[PathBuf::from("s3://logs/x/")], None), &memory, &Tuning::default(), &mut heard).unwrap();
    assert_eq!((heard.0, heard.1), (2, 0));
}
