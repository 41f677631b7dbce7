//! The store against a real SQLite file.

use abate_model::journal::{GENESIS, IllegalMove};
use abate_model::{
    Authenticity, AuthenticityVerdict, CASE_SCHEMA, Category, Deadline, DeadlineBasis, Letter, LetterKind, Notice, NoticeKind, Plan,
    ReportedActivity, ZoneCertainty,
};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn notice() -> Notice {
    let reported = ReportedActivity {
        id: "r1".into(),
        category: Category::Spam,
        resource: None,
        from: None,
        to: None,
        zone: None,
        zone_certainty: ZoneCertainty::Unknown,
        remote: Vec::new(),
        urls: Vec::new(),
        text: "spam".into(),
    };
    Notice {
        schema: "abate.notice/1".into(),
        kind: NoticeKind::First,
        category: Category::Spam,
        account_id: Some("111122223333".into()),
        regions: Vec::new(),
        resources: Vec::new(),
        case_number: None,
        reported: vec![reported],
        required_actions: Vec::new(),
        mitigations: Vec::new(),
        deadline: Deadline { at: at(86_400), basis: DeadlineBasis::FromReceipt },
        authenticity: Authenticity { verdict: AuthenticityVerdict::NotChecked, reasons: Vec::new(), signatures: None },
        reporter: None,
        family: abate_model::Family::Unrecognised,
        channel: abate_model::Channel::Pasted,
        reports: vec![],
        references: vec![],
        communication_id: None,
        unread: Vec::new(),
        subject: None,
        from: None,
        to: None,
        message_id: Some("m1@example.com".into()),
        date: None,
        received_at: at(0),
        body: "spam".into(),
        sha256: String::new(),
    }
}

fn opened() -> Event {
    Event::Opened { notice: Box::new(notice()) }
}

fn source(n: u64) -> Event {
    Event::SourceAdded { path: format!("logs/{n}"), sha256: sha256_hex(&n.to_be_bytes()), format: None, records: n, lost: 0 }
}

fn case() -> Case {
    Case {
        messages: vec![],
        standing: abate_model::Standing::of(&[notice()]),
        schema: CASE_SCHEMA.to_owned(),
        id: notice().case_id(),
        assessed_at: at(5),
        notice: notice(),
        sources: Vec::new(),
        coverage: Vec::new(),
        clocks: Vec::new(),
        findings: Vec::new(),
        verdicts: Vec::new(),
        causes: Vec::new(),
        path: Vec::new(),
        next_evidence: Vec::new(),
        timeline: Vec::new(),
        plan: Plan::new(Vec::new()),
        letter: Letter {
            kind: LetterKind::Interim,
            subject: "Re: 件名".into(),
            to: None,
            from: None,
            paragraphs: Vec::new(),
            sha256: String::new(),
            lint: Vec::new(),
        },
        journal_head: String::new(),
    }
}

/// Changes the file behind the store's back.
fn meddle(store: &mut SqliteStore, sql: &'static str) {
    store.runtime.block_on(sqlx::raw_sql(sql).execute(&mut store.connection)).unwrap();
}

/// A store with a case of three entries.
fn three_entries() -> (tempfile::TempDir, SqliteStore, CaseId) {
    let dir = tempfile::tempdir().unwrap();
    let id = notice().case_id();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    store.append(&id, at(1), &[opened(), source(1), source(2)]).unwrap();
    (dir, store, id)
}

#[test]
fn appending_twice_adds_nothing_and_the_chain_holds() {
    let dir = tempfile::tempdir().unwrap();
    let id = notice().case_id();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let first = store.append(&id, at(1), &[opened(), source(1)]).unwrap();
    let second = store.append(&id, at(2), &[opened(), source(1)]).unwrap();
    assert_eq!((first.number, &first.head), (2, &second.head));
    drop(store);
    let mut again = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(again.state(&id).unwrap(), second);
    let journal = again.journal(&id).unwrap();
    assert_eq!(journal[0].previous, GENESIS);
    assert_eq!(journal[1].previous, sha256_hex(&journal[0].canonical().unwrap()));
}

#[test]
fn an_illegal_event_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let id = notice().case_id();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let done = Event::StepDone { step: "x".into(), by: "a".into(), at: at(0), note: None };
    let error = store.append(&id, at(1), &[opened(), done]).unwrap_err();
    assert!(matches!(error, StoreError::Illegal(IllegalMove::UnknownStep { .. })), "{error}");
    assert_eq!(store.state(&id).unwrap(), State::empty());
    assert!(matches!(store.append(&id, at(1), &[source(1)]), Err(StoreError::Illegal(IllegalMove::NotOpened { number: 1 }))));
}

#[test]
fn a_changed_entry_is_named() {
    let (_dir, mut store, id) = three_entries();
    meddle(&mut store, "UPDATE journal SET bytes = CAST(replace(CAST(bytes AS TEXT), 'logs/1', 'logs/9') AS BLOB) WHERE number = 2");
    let error = store.state(&id).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { number: 2, .. }));
    assert!(error.to_string().starts_with(&format!("entry 2 of case {id}")), "{error}");
    // Nothing is written after a broken entry.
    assert!(matches!(store.append(&id, at(2), &[source(3)]), Err(StoreError::Damaged { number: 2, .. })));
    // With a fitting hash beside it the change still breaks the chain at the next entry.
    let query = sqlx::query_scalar("SELECT bytes FROM journal WHERE number = 2");
    let bytes: Vec<u8> = store.runtime.block_on(query.fetch_one(&mut store.connection)).unwrap();
    let hide = sqlx::query("UPDATE journal SET hash = ? WHERE number = 2").bind(sha256_hex(&bytes));
    store.runtime.block_on(hide.execute(&mut store.connection)).unwrap();
    assert!(matches!(store.journal(&id), Err(StoreError::Damaged { number: 3, .. })));
}

#[test]
fn a_missing_a_renumbered_and_a_moved_entry_are_named() {
    let (_dir, mut store, id) = three_entries();
    meddle(&mut store, "UPDATE journal SET number = 7 WHERE number = 3");
    assert!(matches!(store.state(&id), Err(StoreError::Damaged { number: 3, .. })));
    let (_dir, mut store, id) = three_entries();
    meddle(&mut store, "DELETE FROM journal WHERE number = 2");
    assert!(matches!(store.state(&id), Err(StoreError::Damaged { number: 2, .. })));
    let (_dir, mut store, _) = three_entries();
    meddle(&mut store, "UPDATE journal SET case_id = 'ab-0000000000'");
    let other = CaseId::parse("ab-0000000000").unwrap();
    assert!(matches!(store.state(&other), Err(StoreError::Damaged { number: 1, .. })));
}

#[test]
fn two_writers_neither_fork_nor_lose() {
    let dir = tempfile::tempdir().unwrap();
    let id = notice().case_id();
    SqliteStore::open(dir.path()).unwrap().append(&id, at(0), &[opened()]).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4_u64 {
            let (dir, id) = (dir.path(), &id);
            scope.spawn(move || {
                let mut store = SqliteStore::open(dir).unwrap();
                for n in 0..10 {
                    store.append(id, at(1), &[source(writer * 100 + n)]).unwrap();
                }
            });
        }
    });
    let state = SqliteStore::open(dir.path()).unwrap().state(&id).unwrap();
    assert_eq!((state.number, state.sources.len()), (41, 40));
}

#[test]
fn a_new_folder_may_be_opened_by_many_at_once() {
    for _ in 0..10 {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("new/abate");
        std::thread::scope(|scope| {
            for writer in 0..6 {
                let folder = &folder;
                scope.spawn(move || {
                    let mut store = SqliteStore::open(folder).unwrap();
                    store.append(&notice().case_id(), at(writer), &[opened()]).unwrap();
                });
            }
        });
        assert_eq!(SqliteStore::open(&folder).unwrap().state(&notice().case_id()).unwrap().number, 1);
    }
}

#[cfg(unix)]
#[test]
fn what_is_made_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("abate");
    let mut store = SqliteStore::open(&folder).unwrap();
    store.append(&notice().case_id(), at(0), &[opened()]).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(files.len() > 1, "the journal of SQLite lies beside the file: {files:?}");
    assert!(files.iter().all(|file| mode(file) == 0o600), "{files:?}");
}

#[test]
fn a_place_that_cannot_be_used_is_a_clear_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    let error = SqliteStore::open(&file).err().unwrap();
    assert!(matches!(&error, StoreError::Unusable { place, .. } if place.contains("file")), "{error}");
    assert!(error.hint().en.contains("ABATE_HOME") && error.hint().ja.contains("ABATE_HOME"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let locked = dir.path().join("locked");
        std::fs::create_dir(&locked).unwrap();
        std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o500)).unwrap();
        // The superuser may write everywhere.
        if std::fs::write(locked.join("probe"), "").is_err() {
            assert!(matches!(SqliteStore::open(&locked), Err(StoreError::Unusable { .. })));
        }
    }
}

/// A whole journal as the first version stored it: one entry a line, its hash in front. It has every kind of event and is
/// never changed: where it no longer reads, the code is wrong.
const FIRST_SCHEMA: &str = include_str!("../tests/journal-1.txt");

#[test]
fn a_journal_of_the_first_schema_stays_readable() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let id = CaseId::parse("ab-e44651f1bb").unwrap();
    for (n, line) in FIRST_SCHEMA.lines().enumerate() {
        let (hash, bytes) = line.split_once(' ').unwrap();
        let insert = sqlx::query("INSERT INTO journal (case_id, number, at, bytes, hash) VALUES (?, ?, '', ?, ?)");
        let insert = insert.bind(id.as_str()).bind(n as i64 + 1).bind(bytes.as_bytes()).bind(hash);
        store.runtime.block_on(insert.execute(&mut store.connection)).unwrap();
    }
    let state = store.state(&id).unwrap();
    assert_eq!((state.number, state.sources.len(), state.steps.len(), state.done.len()), (6, 1, 2, 1));
    assert!(state.assessed.is_some() && state.letter.is_some());
    assert_eq!(state.notice.unwrap().account_id.as_deref(), Some("111122223333"));
    let journal = store.journal(&id).unwrap();
    assert!(journal.iter().all(|entry| entry.schema == "abate.journal/1"));
    // What this version appends goes on from there.
    assert_eq!(store.append(&id, at(9), &[source(9)]).unwrap().number, 7);
}

#[test]
fn a_newer_layout_and_a_broken_file_are_clear_errors() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    store.runtime.block_on(sqlx::raw_sql("PRAGMA user_version = 99").execute(&mut store.connection)).unwrap();
    drop(store);
    assert!(matches!(SqliteStore::open(dir.path()), Err(StoreError::TooNew { found: 99, .. })));
    let broken = tempfile::tempdir().unwrap();
    std::fs::write(broken.path().join("abate.sqlite"), "this is no database at all, only some words. ".repeat(200)).unwrap();
    let error = SqliteStore::open(broken.path()).err().unwrap();
    assert!(matches!(error, StoreError::Broken { .. }), "{error}");
    assert_ne!(error.hint().en, error.hint().ja);
}

#[test]
fn a_file_damaged_in_the_middle_is_a_clear_error() {
    let (dir, mut store, id) = three_entries();
    for n in 10..400 {
        store.append(&id, at(1), &[source(n)]).unwrap();
    }
    meddle(&mut store, "PRAGMA wal_checkpoint(TRUNCATE)");
    drop(store);
    let file = dir.path().join("abate.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    // The first page stays: it says which tables there are.
    bytes[4096..].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let error = SqliteStore::open(dir.path()).and_then(|mut store| store.state(&id)).unwrap_err();
    assert!(matches!(error, StoreError::Broken { .. }), "{error}");
}

#[test]
fn the_last_assessment_and_its_folder_are_kept() {
    let (_dir, mut store, id) = three_entries();
    assert_eq!(store.load_case(&id).unwrap(), None);
    store.save_case(&case(), Some(Path::new("/cases/一"))).unwrap();
    let later = Case { assessed_at: at(9), ..case() };
    store.save_case(&later, None).unwrap();
    assert_eq!(store.load_case(&id).unwrap(), Some((later, Some(PathBuf::from("/cases/一")))));
}

#[test]
fn the_list_has_every_case_also_one_whose_assessment_is_lost() {
    let (_dir, mut store, id) = three_entries();
    let line = |assessed_at| CaseSummary {
        id: id.clone(),
        opened_at: at(1),
        assessed_at,
        category: Category::Spam,
        account: Some("111122223333".into()),
        deadline: at(86_400),
        kind: NoticeKind::First,
        rung: abate_model::Rung::Notice,
        resolved: None,
        messages: 1,
        merged_into: None,
        leading: None,
        entries: 3,
    };
    assert_eq!(store.cases().unwrap(), vec![line(None)]);
    store.save_case(&case(), None).unwrap();
    assert_eq!(store.cases().unwrap(), vec![line(Some(at(5)))]);
    meddle(&mut store, "UPDATE assessment SET json = '{}'");
    assert_eq!(store.cases().unwrap(), vec![line(None)]);
    let error = store.load_case(&id).unwrap_err();
    assert!(matches!(&error, StoreError::Unreadable { what, .. } if what.contains(id.as_str())), "{error}");
}

#[test]
fn profiles_and_evidence_paths_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let profile = AccountProfile { account_id: Some("111122223333".into()), owner: Some("山田".into()), ..AccountProfile::default() };
    store.save_profile(&profile).unwrap();
    assert_eq!(store.profiles().unwrap(), vec![profile]);
    let id = CaseId::of("x");
    let (a, b) = (PathBuf::from("/no/such/a"), PathBuf::from("/no/such/b"));
    assert_eq!(store.evidence(&id, std::slice::from_ref(&b)).unwrap(), vec![b.clone()]);
    assert_eq!(store.evidence(&id, &[a.clone(), b.clone()]).unwrap(), vec![b, a]);
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_refused_and_not_bent() {
    use std::os::unix::ffi::OsStringExt;
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let path = PathBuf::from(std::ffi::OsString::from_vec(b"/no/such/\xff".to_vec()));
    let id = CaseId::of("x");
    assert!(matches!(store.evidence(&id, &[PathBuf::from("/no/such/a"), path]), Err(StoreError::PathNotText { .. })));
    assert_eq!(store.evidence(&id, &[]).unwrap(), Vec::<PathBuf>::new());
}

#[test]
fn messages_are_found_by_their_keys() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    let first = notice();
    store.append(&first.case_id(), at(1), &[opened()]).unwrap();
    let later = Notice {
        message_id: Some("m2@example.com".into()),
        references: vec!["m1@example.com".into()],
        body: "again".into(),
        sha256: "2".into(),
        ..notice()
    };
    assert_eq!(store.matters(&keys(&later)).unwrap(), [first.case_id()]);
    let other = Notice { message_id: None, account_id: Some("444455556666".into()), body: "other".into(), ..notice() };
    assert_eq!(store.matters(&keys(&other)).unwrap(), []);
    let joined = Event::NoticeJoined { notice: Box::new(later.clone()), because: vec![] };
    store.append(&first.case_id(), at(2), std::slice::from_ref(&joined)).unwrap();
    assert_eq!(store.matters(&["message:m2@example.com".to_owned()]).unwrap(), [first.case_id()]);
    let state = store.append(&first.case_id(), at(3), &[joined]).unwrap();
    assert_eq!((state.notices.len(), state.number), (2, 2));
}

#[test]
fn a_store_without_an_index_gets_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    store.append(&notice().case_id(), at(1), &[opened()]).unwrap();
    meddle(&mut store, "DROP TABLE message_key; PRAGMA user_version = 1");
    drop(store);
    let mut store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(store.matters(&keys(&notice())).unwrap(), [notice().case_id()]);
}

#[test]
fn a_merged_case_takes_no_more_entries_and_says_where_it_goes_on() {
    let (_dir, mut store, id) = three_entries();
    let into = CaseId::of("other");
    store.append(&id, at(4), &[Event::MergedInto { into: into.clone(), by: "Hanako Sato".into() }]).unwrap();
    assert!(matches!(store.append(&id, at(5), &[source(9)]), Err(StoreError::Illegal(_))));
    assert_eq!(store.cases().unwrap()[0].merged_into, Some(into));
}
