//! The store against a real SQLite file.

use abate_model::journal::{GENESIS, IllegalMove};
use abate_model::{
    Authenticity, AuthenticityVerdict, Category, Deadline, DeadlineBasis, Notice, NoticeKind, ReportedActivity, ZoneCertainty,
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
        authenticity: Authenticity { verdict: AuthenticityVerdict::NotChecked, reasons: Vec::new() },
        reporter: None,
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
    let dir = tempfile::tempdir().unwrap();
    let id = notice().case_id();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    store.append(&id, at(1), &[opened(), source(1), source(2)]).unwrap();
    let change = sqlx::query("UPDATE journal SET bytes = CAST(replace(CAST(bytes AS TEXT), 'logs/1', 'logs/9') AS BLOB) WHERE number = 2");
    store.runtime.block_on(change.execute(&mut store.connection)).unwrap();
    assert!(matches!(store.state(&id), Err(StoreError::Damaged { number: 2, .. })));
    // With a fitting hash beside it the change still breaks the chain at the next entry.
    let bytes: Vec<u8> =
        store.runtime.block_on(sqlx::query("SELECT bytes FROM journal WHERE number = 2").fetch_one(&mut store.connection)).unwrap().get(0);
    let hide = sqlx::query("UPDATE journal SET hash = ? WHERE number = 2").bind(sha256_hex(&bytes));
    store.runtime.block_on(hide.execute(&mut store.connection)).unwrap();
    assert!(matches!(store.state(&id), Err(StoreError::Damaged { number: 3, .. })));
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
fn entries_of_the_first_schema_stay_readable() {
    let stored = r#"{"schema":"abate.journal/1","case":"ab-0123456789","number":1,"at":"2026-11-02T03:15:00Z","previous":"0000000000000000000000000000000000000000000000000000000000000000","event":{"what":"step-done","step":"isolate-instance.i-0abc","by":"Hanako Sato","at":"2026-11-02T02:00:00Z","note":null}}"#;
    let entry: JournalEntry = serde_json::from_str(stored).unwrap();
    assert_eq!(entry.canonical().unwrap(), stored.as_bytes());
}

#[test]
fn a_newer_layout_and_a_broken_file_are_clear_errors() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(dir.path()).unwrap();
    store.runtime.block_on(sqlx::raw_sql("PRAGMA user_version = 99").execute(&mut store.connection)).unwrap();
    drop(store);
    assert!(matches!(SqliteStore::open(dir.path()), Err(StoreError::TooNew { found: 99, .. })));
    let broken = tempfile::tempdir().unwrap();
    std::fs::write(broken.path().join("abate.sqlite"), "this is no database at all, only some words").unwrap();
    assert!(matches!(SqliteStore::open(broken.path()), Err(StoreError::Unusable { .. })));
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
