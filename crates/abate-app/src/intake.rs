//! Notices into cases: which case a message belongs to, what it changes there, and cases that a person merges.

use abate_model::journal::{Event, State, same_message};
use abate_model::thread::keys;
use abate_model::{CaseId, DeadlineBasis, Notice};
use abate_notice::threads::{self, Known, Place};
use jiff::Timestamp;

use crate::AppError;
use crate::ports::{Store, StoreError};

/// Merged cases are followed this far; a person merges a handful.
const MOST_HOPS: usize = 32;

/// The place of a message among the cases of the store.
///
/// # Errors
/// The store's.
pub fn place(store: &mut dyn Store, notice: &Notice) -> Result<Place, StoreError> {
    let mut known: Vec<Known> = Vec::new();
    for case in store.matters(&keys(notice))? {
        let (case, state) = current(store, case)?;
        if !known.iter().any(|k| k.case == case) {
            known.push(Known { case, notices: state.notices });
        }
    }
    let own = notice.case_id();
    // Cases from before messages were indexed are found by their name.
    if !known.iter().any(|k| k.case == own) {
        let (case, state) = current(store, own)?;
        if state.notice.is_some() && !known.iter().any(|k| k.case == case) {
            known.push(Known { case, notices: state.notices });
        }
    }
    let found = threads::place(notice, &known);
    // Another message may have opened a case of this name (a pasted text without an id, read anew).
    if let Place::New { .. } = found
        && store.state(&notice.case_id())?.notice.is_some()
    {
        return Ok(Place::Duplicate { case: notice.case_id() });
    }
    Ok(found)
}

/// A case, or the one in which it goes on.
fn current(store: &mut dyn Store, case: CaseId) -> Result<(CaseId, State), StoreError> {
    let mut case = case;
    for _ in 0..MOST_HOPS {
        let state = store.state(&case)?;
        match state.merged_into.clone() {
            Some(into) => case = into,
            None => return Ok((case, state)),
        }
    }
    let state = store.state(&case)?;
    Ok((case, state))
}

/// What a message adds to a case's journal, and the case's messages with it, in order of their sending.
pub(crate) fn messages(before: &State, notice: Notice, place: &Place) -> (Vec<Event>, Vec<Notice>) {
    let mut all = before.in_order();
    if let Some(known) = all.iter_mut().find(|known| same_message(known, &notice)) {
        // A newer version of Abate may read the same message better; when it was first seen stays.
        let fresh = first_seen_as(notice, known);
        *known = fresh;
        return (Vec::new(), all);
    }
    if before.notice.is_none() {
        return (vec![Event::Opened { notice: Box::new(notice.clone()) }], vec![notice]);
    }
    let because = match place {
        Place::Joins { because, .. } => because.clone(),
        Place::New { .. } | Place::Duplicate { .. } => {
            // The case bears this message's name: the same message, read otherwise than before.
            if let Some(first) = all.first_mut() {
                *first = first_seen_as(notice, first);
            }
            return (Vec::new(), all);
        }
    };
    all.push(notice.clone());
    if let Some(rest) = all.get_mut(1..) {
        rest.sort_by_key(abate_model::thread::sent);
    }
    (vec![Event::NoticeJoined { notice: Box::new(notice), because }], all)
}

/// The deadline of a notice without a date runs from the day on which Abate first saw it, not from today.
fn first_seen_as(mut notice: Notice, known: &Notice) -> Notice {
    if notice.deadline.basis == DeadlineBasis::FromReceipt && known.deadline.basis == DeadlineBasis::FromReceipt {
        notice.deadline = known.deadline;
    }
    notice.received_at = known.received_at;
    notice
}

/// Records that `from` is the same intrusion as `into`: its messages and its evidence are `into`'s from now on, and `from` only
/// points there. Done twice, it changes nothing.
///
/// # Errors
/// [`AppError::NoCase`], [`AppError::SameCase`], [`AppError::Merged`] when one of the two already goes on in a third case, or the
/// store's.
pub fn merge(store: &mut dyn Store, into: &CaseId, from: &CaseId, by: &str, now: Timestamp) -> Result<Notice, AppError> {
    if into == from {
        return Err(AppError::SameCase { id: into.clone() });
    }
    let target = open_case(store, into)?;
    let source = store.state(from)?;
    if source.notice.is_none() {
        return Err(AppError::NoCase { id: from.clone() });
    }
    if let Some(elsewhere) = source.merged_into.as_ref().filter(|other| *other != into) {
        return Err(AppError::Merged { id: from.clone(), into: elsewhere.clone() });
    }
    let paths = store.evidence(from, &[])?;
    store.evidence(into, &paths)?;
    let merged = Event::Merged { from: from.clone(), notices: source.notices, by: by.to_owned() };
    store.append(into, now, &[merged])?;
    store.append(from, now, &[Event::MergedInto { into: into.clone(), by: by.to_owned() }])?;
    target.notice.ok_or_else(|| AppError::NoCase { id: into.clone() })
}

fn open_case(store: &mut dyn Store, id: &CaseId) -> Result<State, AppError> {
    let state = store.state(id)?;
    if state.notice.is_none() {
        return Err(AppError::NoCase { id: id.clone() });
    }
    match state.merged_into.clone() {
        Some(into) => Err(AppError::Merged { id: id.clone(), into }),
        None => Ok(state),
    }
}
